"""Signing in and out, and one's own password: plain HTML forms, so that the session's cookie is out of any script's
reach."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from starlette.templating import Jinja2Templates

from bot.console.guard import LOGIN, Console
from bot.console.security import LOGIN_POLICY
from handlers import admins
from handlers.admins import MustWait, WeakPassword, Who
from handlers.texts import LANGUAGES, Texts
from storage import admins as stored_admins
from storage.admins import Admin

HOME = "/console"
LOGOUT = "/console/logout"
OWN_PASSWORD = "/console/password"  # noqa: S105 - a path
STYLES = "/console/styles.css"
FOLDER = Path(__file__).parent
FORM_COOKIE = "console_form"
MOST_BODY = 10_000

templates = Jinja2Templates(FOLDER)


def seal(console: Console, what: str) -> str:
    """Goes into a form and comes back with it: no other site can know it."""
    return hmac.new(console.secret, what.encode(), sha256).hexdigest()


def login_routes(console: Console) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    door = Door(console)
    router.add_api_route(LOGIN, door.show, methods=["GET"])
    router.add_api_route(LOGIN, door.sign_in, methods=["POST"])
    router.add_api_route(LOGOUT, door.sign_out, methods=["POST"])
    router.add_api_route(OWN_PASSWORD, door.show_password, methods=["GET"])
    router.add_api_route(OWN_PASSWORD, door.change_password, methods=["POST"])

    @router.get(STYLES)
    def styles() -> FileResponse:
        return FileResponse(FOLDER / "styles.css", media_type="text/css", headers={"Cache-Control": "no-cache"})

    return router


class Door:
    def __init__(self, console: Console) -> None:
        self._console = console

    async def show(self, request: Request) -> Response:
        if await self._who(request) is not None:
            return RedirectResponse(_inside(request.query_params.get("next")), 303)
        return self._page(request)

    async def sign_in(self, request: Request) -> Response:
        form = await _form(request)
        if not self._is_our_form(request, form):
            return self._page(request, form, "console.login.stale", 403)
        token = await self._let_in(form.get("login", ""), form.get("password", ""), _address(request))
        if isinstance(token, MustWait):
            page = self._page(request, form, "console.login.wait", 429)
            page.headers["Retry-After"] = str(int(token.wait.total_seconds()) + 1)
            return page
        if token is None:
            return self._page(request, form, "console.login.wrong", 401)
        await self._end(request)
        response = RedirectResponse(_inside(form.get("next")), 303)
        response.delete_cookie(FORM_COOKIE, path=LOGIN)
        self._set_cookie(response, token)
        return response

    async def _let_in(self, login: str, password: str, address: str) -> str | MustWait | None:
        """A new session's token. What was wrong is not said, and takes as long whatever it was."""
        database, now = self._console.app.database, self._console.now()
        try:
            async with database.transaction() as session:
                knocked = await admins.knock(session, login, address, now)
        except MustWait as wait:
            return wait
        if not await asyncio.to_thread(self._console.passwords.fits, password, knocked.password_hash):
            return None
        async with database.transaction() as session:
            return await admins.enter(session, knocked, address, now)

    async def sign_out(self, request: Request) -> Response:
        form = await _form(request)
        if not self._is_sealed(request, form):
            return RedirectResponse(HOME, 303)
        await self._end(request)
        response = RedirectResponse(LOGIN, 303)
        response.delete_cookie(self._console.cookie, path="/", secure=self._console.is_secure)
        return response

    async def show_password(self, request: Request) -> Response:
        who = await self._who(request)
        return self._password_page(request, who) if who else _to_login(OWN_PASSWORD)

    async def change_password(self, request: Request) -> Response:
        """Ends all of their sessions, this one too."""
        who, form = await self._who(request), await _form(request)
        if who is None or not self._is_sealed(request, form):
            return _to_login(OWN_PASSWORD)
        problem = await self._change(who, form, _address(request))
        if problem is not None:
            return self._password_page(request, who, problem)
        return RedirectResponse(f"{LOGIN}?changed=1", 303)

    async def _change(self, who: Who, form: dict[str, str], address: str) -> str | None:
        """The key of what is wrong with it. Guesses of the old password wait as at the door."""
        new = form.get("new", "")
        if new != form.get("again", ""):
            return "console.password.differ"
        try:
            admins.check_password(new, who.login)
        except WeakPassword:
            return "console.refused.password"
        let_in = await self._let_in(who.login, form.get("old", ""), address)
        if not isinstance(let_in, str):
            return "console.password.wrong" if let_in is None else "console.login.wait"
        hashed = await asyncio.to_thread(self._console.passwords.hash, new)
        async with self._console.app.database.transaction() as session:
            admin = await session.get_one(Admin, who.id)
            await admins.set_password(session, admin, hashed, self._console.now())
        return None

    def _password_page(self, request: Request, who: Who, problem: str | None = None) -> Response:
        token = request.cookies.get(self._console.cookie, "")
        context: dict[str, object] = {
            "texts": self._console.app.desk().catalogue[who.language],
            "who": who,
            "problem": problem,
        }
        context |= {"seal": seal(self._console, admins.hash_of(token)), "action": OWN_PASSWORD, "home": HOME}
        return _rendered(request, "password.html", context, 400 if problem else 200)

    def _page(
        self, request: Request, form: dict[str, str] | None = None, problem: str | None = None, status: int = 200
    ) -> Response:
        form = form or {}
        cookie = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)  # one for all tabs
        texts = self._texts(request)
        context: dict[str, object] = {
            "texts": texts,
            "problem": problem,
            "changed": "changed" in request.query_params and problem is None,
            "login": form.get("login", "")[: admins.MOST_LOGIN],
            "next": _inside(form.get("next") or request.query_params.get("next")),
            "seal": seal(self._console, f"login:{cookie}"),
            "action": LOGIN,
            "languages": {name: f"{LOGIN}?lang={name}" for name in LANGUAGES if name != texts.language},
        }
        page = _rendered(request, "login.html", context, status)
        secure = self._console.is_secure
        page.set_cookie(FORM_COOKIE, cookie, path=LOGIN, httponly=True, samesite="strict", secure=secure)
        return page

    def _texts(self, request: Request) -> Texts:
        """In the language that was asked for, else the browser's."""
        wanted = request.query_params.get("lang") or request.headers.get("accept-language", "")[:2].lower()
        language = wanted if wanted in LANGUAGES else self._console.app.settings.default_language
        return self._console.app.desk().catalogue[language]

    def _is_our_form(self, request: Request, form: dict[str, str]) -> bool:
        cookie = request.cookies.get(FORM_COOKIE, "")
        return bool(cookie) and hmac.compare_digest(seal(self._console, f"login:{cookie}"), _seal_of(form))

    def _is_sealed(self, request: Request, form: dict[str, str]) -> bool:
        token = request.cookies.get(self._console.cookie, "")
        return bool(token) and hmac.compare_digest(seal(self._console, admins.hash_of(token)), _seal_of(form))

    async def _who(self, request: Request) -> Who | None:
        token = request.cookies.get(self._console.cookie)
        return await self._console.who(admins.hash_of(token)) if token else None

    async def _end(self, request: Request) -> None:
        if token := request.cookies.get(self._console.cookie):
            async with self._console.app.database.transaction() as session:
                await stored_admins.end(session, admins.hash_of(token))

    def _set_cookie(self, response: Response, token: str) -> None:
        """It ends with the browser, and after `LIFE` in any case."""
        response.set_cookie(
            self._console.cookie, token, path="/", httponly=True, samesite="strict", secure=self._console.is_secure
        )


def _rendered(request: Request, name: str, context: dict[str, object], status: int) -> Response:
    page = templates.TemplateResponse(request, name, {**context, "styles": STYLES}, status)
    page.headers["Content-Security-Policy"] = LOGIN_POLICY
    page.headers["Cache-Control"] = "no-store"
    return page


async def _form(request: Request) -> dict[str, str]:
    """A form that is no form, or far too long, is an empty one."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BODY:
            return {}
    read = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in read.items()}


def _seal_of(form: dict[str, str]) -> str:
    given = form.get("seal", "")
    return given if given.isascii() else ""


def _inside(path: str | None) -> str:
    """Where to go on: a page of the console, nowhere else."""
    if path and (path == HOME or path.startswith(f"{HOME}/")) and not path.startswith((LOGIN, LOGOUT)):
        return path if path.isprintable() and "\\" not in path and "//" not in path else HOME
    return HOME


def _to_login(path: str) -> Response:
    return RedirectResponse(f"{LOGIN}?next={path}", 303)


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
