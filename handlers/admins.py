"""Who may use the console: passwords, sessions, and how long somebody waits who got it wrong.

A password is checked outside of any transaction, in three steps: `knock` (counted as a failure before anybody knows),
`Passwords.fits`, then `enter` or nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from pwdlib import PasswordHash
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.errors import SupportError
from storage import admins
from storage.admins import Admin, AdminRole, AdminSession, Failures, LoginAttempt

log = structlog.get_logger(__name__)

LIFE = timedelta(hours=12)
IDLE = timedelta(hours=1)
SEEN_EVERY = timedelta(minutes=1)
COUNTED = timedelta(hours=1)
FREE_BY_LOGIN, FREE_BY_ADDRESS = 5, 20
LONGEST_WAIT = timedelta(minutes=5)
LEAST_PASSWORD, MOST_PASSWORD = 12, 256
MOST_LOGIN = 80
RANKS = (AdminRole.VIEWER, AdminRole.EDITOR, AdminRole.ADMIN)


class LoginTaken(SupportError):
    """Somebody has this login already, or had it."""


class NoSuchAdmin(SupportError):
    """Nobody has this login."""


class LastAdmin(SupportError):
    """Without them nobody could keep the console's people any more."""


class WeakPassword(SupportError):
    """Too short, too long, or the login itself."""


class BadLogin(SupportError):
    """Not a login: letters, digits and . _ - @"""


class MustWait(SupportError):
    """Too many attempts."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"again in {int(wait.total_seconds()) + 1} s")
        self.wait = wait


@dataclass(frozen=True)
class Who:
    """Somebody who is signed in."""

    id: int
    login: str
    name: str
    role: AdminRole
    language: str

    def may(self, role: AdminRole) -> bool:
        return RANKS.index(self.role) >= RANKS.index(role)


@dataclass(frozen=True)
class Knock:
    """One attempt, on record; `password_hash` is None where nobody has the login."""

    attempt_id: int
    admin_id: int | None
    password_hash: str | None


class Passwords:
    """Argon2. Slow on purpose: call it in a thread."""

    def __init__(self, hasher: PasswordHash | None = None) -> None:
        self._hasher = hasher or PasswordHash.recommended()
        self._nobodys = self._hasher.hash(secrets.token_urlsafe(16))

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def fits(self, password: str, password_hash: str | None) -> bool:
        """Takes as long where nobody has the login, so that nothing is learned from the time."""
        fits = self._hasher.verify(password[:MOST_PASSWORD], password_hash or self._nobodys)
        return fits and password_hash is not None


def waiting_time(by_login: Failures, by_address: Failures, now: datetime) -> timedelta:
    """How long until the next attempt is looked at. It doubles with each failure, for the login and for the address."""
    waits = [
        _left(by_login, FREE_BY_LOGIN, now),
        _left(by_address, FREE_BY_ADDRESS, now),
    ]
    return max(waits)


def _left(failures: Failures, free: int, now: datetime) -> timedelta:
    if failures.last is None or failures.count < free:
        return timedelta()
    wait = min(timedelta(seconds=2 ** min(failures.count - free + 1, 16)), LONGEST_WAIT)
    return max(failures.last + wait - now, timedelta())


async def knock(session: AsyncSession, login: str, address: str, now: datetime) -> Knock:
    """Counts as a failure until `enter`, so that many tried at once are many. Raises `MustWait`, and counts nothing."""
    login = tidy(login)
    since = now - COUNTED
    wait = waiting_time(
        await admins.failures_of_login(session, login, since), await admins.failures_from(session, address, since), now
    )
    if wait > timedelta():
        raise MustWait(wait)
    attempt = LoginAttempt(login=login, address=address, at=now)
    session.add(attempt)
    await session.flush()
    await admins.forget_older_failures(session, since)
    admin = await admins.admin_with_login(session, login)
    known = admin if admin is not None and admin.is_active else None
    return Knock(attempt.id, known.id if known else None, known.password_hash if known else None)


async def enter(session: AsyncSession, knocked: Knock, address: str, now: datetime) -> str | None:
    """The token of a new session; only its hash is kept. None: they were removed, or got another password meanwhile."""
    admin = await session.get(Admin, knocked.admin_id, with_for_update=True) if knocked.admin_id else None
    if admin is None or not admin.is_active or admin.password_hash != knocked.password_hash:
        return None
    await admins.forget_failure(session, knocked.attempt_id)
    await admins.forget_failures_of(session, admin.login)
    await admins.end_older(session, now)
    token = secrets.token_urlsafe(32)
    session.add(
        AdminSession(
            token_hash=hash_of(token),
            admin_id=admin.id,
            created_at=now,
            seen_at=now,
            expires_at=now + LIFE,
            address=address,
        )
    )
    await session.flush()
    log.info("console.signed_in", admin_id=admin.id)
    return token


def hash_of(token: str) -> str:
    """A token is long and random: a plain hash of it cannot be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class Seen:
    """`is_to_be_noted`: that they were here, so that the session does not end for want of use."""

    who: Who
    is_to_be_noted: bool


async def seen(session: AsyncSession, token_hash: str, now: datetime) -> Seen | None:
    """Whose session it is, with the role they have at this moment; None when it has ended."""
    found = await admins.signed(session, token_hash)
    if found is None or not found.admin.is_active:
        return None
    if now >= found.session.expires_at or now >= found.session.seen_at + IDLE:
        return None
    return Seen(who(found.admin), now - found.session.seen_at >= SEEN_EVERY)


def who(admin: Admin) -> Who:
    return Who(admin.id, admin.login, admin.name, AdminRole(admin.role), admin.language)


def tidy(login: str) -> str:
    return login.strip().lower()[:MOST_LOGIN]


def check_password(password: str, login: str) -> None:
    """Raises `WeakPassword`."""
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise WeakPassword(f"a password has {LEAST_PASSWORD} to {MOST_PASSWORD} characters")
    if login in password.lower() or len(set(password)) < 5:
        raise WeakPassword("a password does not contain the login, and has at least five different characters")


def generated_password() -> str:
    return secrets.token_urlsafe(15)


@dataclass(frozen=True)
class NewAdmin:
    login: str
    name: str
    role: AdminRole
    language: str = "pl"


async def add(session: AsyncSession, new: NewAdmin, password_hash: str, now: datetime) -> Admin:
    """Raises `BadLogin`, `LoginTaken`."""
    login = tidy(new.login)
    if not login or not all(char.isalnum() or char in "._-@" for char in login):
        raise BadLogin(f"{login or 'nothing'}: a login has letters, digits and . _ - @")
    if await admins.admin_with_login(session, login) is not None:
        raise LoginTaken(f"{login}: this login is taken")
    admin = Admin(
        login=login,
        name=new.name.strip() or login,
        password_hash=password_hash,
        role=new.role,
        language=new.language,
        is_active=True,
        created_at=now,
        password_changed_at=now,
    )
    session.add(admin)
    await session.flush()
    log.info("console.admin_added", admin_id=admin.id, role=new.role)
    return admin


async def with_login(session: AsyncSession, login: str) -> Admin:
    """Raises `NoSuchAdmin`."""
    admin = await admins.admin_with_login(session, tidy(login))
    if admin is None:
        raise NoSuchAdmin(f"{tidy(login)}: nobody has this login; supportbot admin list shows them")
    return admin


async def set_password(session: AsyncSession, admin: Admin, password_hash: str, now: datetime) -> None:
    """Whoever is signed in with the old one is signed out. Also lets somebody back in who waits for too many
    attempts."""
    admin.password_hash, admin.password_changed_at = password_hash, now
    await session.flush()
    await admins.end_all(session, admin.id)
    await admins.forget_failures_of(session, admin.login)
    log.info("console.password_changed", admin_id=admin.id)


async def set_role(session: AsyncSession, admin: Admin, role: AdminRole) -> None:
    """Raises `LastAdmin`."""
    if role is not AdminRole.ADMIN:
        await _not_the_last(session, admin)
    admin.role = role
    log.info("console.role_changed", admin_id=admin.id, role=role)


async def remove(session: AsyncSession, admin: Admin) -> None:
    """They may not come in any more, and are signed out. Raises `LastAdmin`."""
    await _not_the_last(session, admin)
    admin.is_active = False
    await session.flush()
    await admins.end_all(session, admin.id)
    log.info("console.admin_removed", admin_id=admin.id)


async def let_back_in(session: AsyncSession, admin: Admin) -> None:
    admin.is_active = True
    await session.flush()


async def _not_the_last(session: AsyncSession, admin: Admin) -> None:
    everybody = await admins.all_locked(session)
    others = [one for one in everybody if one.is_active and one.role == AdminRole.ADMIN and one.id != admin.id]
    if admin.role == AdminRole.ADMIN and admin.is_active and not others:
        raise LastAdmin(f"{admin.login} is the last admin")
