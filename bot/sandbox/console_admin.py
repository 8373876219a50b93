"""The demo's admin: made at each start, with another password."""

from __future__ import annotations

from datetime import UTC, datetime

from handlers import admins
from handlers.admins import NewAdmin, Passwords, generated_password
from storage.admins import AdminRole
from storage.database import Database

LOGIN = "demo"


async def let_demo_admin_in(database: Database) -> tuple[str, str]:
    """Their login and password."""
    password = generated_password()
    async with database.transaction() as session:
        new = NewAdmin(LOGIN, LOGIN.capitalize(), AdminRole.ADMIN)
        await admins.add(session, new, Passwords().hash(password), datetime.now(UTC))
    return LOGIN, password
