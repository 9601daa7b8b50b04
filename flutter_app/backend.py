"""The backend as the app sees it: one method per thing a person can do, over HTTP, and what can go wrong.

RequestError
├── Unreachable   no answer came
├── Rejected      the backend answered with a problem
└── Garbled       the answer was not one this app understands
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, Self, TypeVar
from weakref import WeakKeyDictionary, WeakSet, WeakValueDictionary

import httpx

from flutter_app.model import Account, PersonProfile, PostPage, SessionTokens, SignInResult

_log = logging.getLogger(__name__)

_T = TypeVar("_T")

Exchange = Callable[[str], Awaitable[SessionTokens | None]]
"""Gets the next tokens for a refresh token; None where the backend no longer takes it."""

# What the forms call the fields of the backend's API.
_FIELDS = {"email": "E-mail", "display_name": "Name", "bio": "About you", "text": "Post"}

# By task: Flet handles each event of a browser in a task of its own, and a context may be inherited for long.
_ids: WeakKeyDictionary[asyncio.Task[Any], str] = WeakKeyDictionary()


class RequestError(Exception):
    """The backend did not do what was asked; `str()` says why in words for the screen."""


class Unreachable(RequestError):
    """No answer came from the backend."""

    def __init__(self) -> None:
        super().__init__("Can't reach the server. Check the connection and try again.")


class Garbled(RequestError):
    """The backend's answer was not one this app understands."""

    def __init__(self) -> None:
        super().__init__("The server gave an answer this app doesn't understand. Try again later.")


class Rejected(RequestError):
    """The backend answered with a problem (RFC 9457)."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status

    @classmethod
    def read(cls, status: int, body: str, *, retry_after: str | None = None) -> Self:
        """Find the words for a problem: the backend's own where it has some for people."""
        if status in {429, 503}:
            wait = f"in {retry_after} seconds" if retry_after and retry_after.isdigit() else "in a moment"
            return cls(status, f"The server is busy. Try again {wait}.")
        if status >= 500:
            return cls(status, "Something went wrong on the server. Try again later.")
        try:
            problem = json.loads(body)
        except ValueError:
            problem = None
        return cls(status, _words(problem) or f"The server refused that (status {status}).")


class BackendClient:
    """Ask the backend over a shared HTTP client whose base address is the backend's.

    Every method raises a `RequestError` where the backend can't be reached or refuses.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._sessions = Sessions(self._exchange)

    def session(self, tokens: SessionTokens) -> Session:
        """Return the session of these tokens; methods that take one renew it where its token has expired."""
        return self._sessions.of(tokens)

    async def register(self, *, email: str, password: str, display_name: str) -> SignInResult:
        """Make an account and sign in."""
        body = {"email": email, "password": password, "display_name": display_name}
        return await self._ask("POST", "/accounts", SignInResult.read, json=body)

    async def sign_in(self, *, email: str, password: str) -> SignInResult:
        """Sign in with what the person typed."""
        return await self._ask(
            "POST", "/sessions", SignInResult.read, json={"email": email, "password": password}
        )

    async def sign_out(self, session: Session) -> None:
        """Make a session's tokens worthless."""
        await self._ask("DELETE", "/sessions/current", _read_nothing, session=session)

    async def account(self, session: Session) -> Account:
        """Read the signed-in person's account."""
        return await self._ask("GET", "/me", Account.read, session=session)

    async def change(self, session: Session, **fields: str) -> Account:
        """Change the name, the bio, or both."""
        return await self._ask("PATCH", "/me", _read_changed_account, session=session, json=fields)

    async def remove_picture(self, session: Session) -> Account:
        """Go back to the default picture."""
        return await self._ask("DELETE", "/me/avatar", _read_changed_account, session=session)

    async def upload_address(self, session: Session) -> str:
        """Get the address to which the browser may send one picture without a token."""
        url = await self._ask("POST", "/me/avatar/uploads", lambda data: str(data["url"]), session=session)
        # The browser sends no headers of ours: the address tells which action the upload belongs to.
        return str(httpx.URL(url).copy_add_param("request_id", action_id()))

    async def person(self, person_id: str) -> PersonProfile:
        """Read somebody's public profile."""
        return await self._ask("GET", f"/people/{person_id}", PersonProfile.read)

    async def feed(self, *, cursor: str | None = None, limit: int = 30) -> PostPage:
        """Read a page of everybody's posts."""
        return await self._posts("/feed", cursor, limit)

    async def posts_by(self, person_id: str, *, cursor: str | None = None, limit: int = 30) -> PostPage:
        """Read a page of one person's posts."""
        return await self._posts(f"/people/{person_id}/posts", cursor, limit)

    async def post(self, session: Session, text: str) -> None:
        """Publish a post; it comes back to every screen as an event."""
        await self._ask("POST", "/posts", _read_nothing, session=session, json={"text": text})

    async def _posts(self, path: str, cursor: str | None, limit: int) -> PostPage:
        params: dict[str, str | int] = {"limit": limit}
        if cursor is not None:
            params["cursor"] = cursor
        return await self._ask("GET", path, PostPage.read, params=params)

    async def _exchange(self, refresh_token: str) -> SessionTokens | None:
        """Get the next tokens; None where the sign-in has ended."""
        try:
            return await self._ask_once(
                "POST", "/sessions/refresh", SessionTokens.read, json={"refresh_token": refresh_token}
            )
        except Rejected as rejected:
            if rejected.status != 401:
                raise
            return None

    async def _ask(
        self,
        method: str,
        path: str,
        read: Callable[[Any], _T],
        *,
        session: Session | None = None,
        **content: Any,
    ) -> _T:
        """Ask, and once more with a new token where the session's has expired, with httpx's `content`."""
        if session is None:
            return await self._ask_once(method, path, read, **content)
        token = session.tokens.access
        try:
            return await self._ask_once(method, path, read, token=token, **content)
        except Rejected as rejected:
            if rejected.status != 401 or not await session.renew(token):
                raise
        return await self._ask_once(method, path, read, token=session.tokens.access, **content)

    async def _ask_once(
        self,
        method: str,
        path: str,
        read: Callable[[Any], _T],
        *,
        token: str | None = None,
        **content: Any,
    ) -> _T:
        headers = {"X-Request-ID": action_id()}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            response = await self._http.request(method, path, headers=headers, **content)
        except httpx.HTTPError as error:
            raise Unreachable from error
        if not response.is_success:
            retry_after = response.headers.get("Retry-After")
            raise Rejected.read(response.status_code, response.text, retry_after=retry_after)
        try:
            return read(response.json() if response.content else None)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise Garbled from error


def _read_changed_account(data: Any) -> Account:
    return Account.read(data["profile"])


def _read_nothing(_: Any) -> None:
    return None


class TokenStore(Protocol):
    """Who keeps tokens where they outlive a reload: a tab, in its browser."""

    async def remember(self, session: Session) -> None:
        """Keep the session's tokens in the place of those before."""
        ...


class Session:
    """The tokens of one sign-in. A refresh token works once, so all tabs of a browser share one session."""

    def __init__(self, tokens: SessionTokens, exchange: Exchange) -> None:
        self.tokens = tokens
        self._exchange = exchange
        self._renewing = asyncio.Lock()
        self._stores: WeakSet[TokenStore] = WeakSet()

    def keep(self, store: TokenStore) -> None:
        """Have the tokens kept by somebody more, whenever they change."""
        self._stores.add(store)

    async def renew(self, stale: str) -> bool:
        """Get other tokens than the one that was refused; False where that can't be.

        Of several requests that were refused at once, the first renews and the others have it from there.
        """
        async with self._renewing:
            if self.tokens.access != stale:
                return True
            if not self.tokens.refresh:
                return False
            tokens = await self._exchange(self.tokens.refresh)
            if tokens is None:
                return False
            self.tokens = tokens
            outcomes = await asyncio.gather(
                *(store.remember(self) for store in self._stores), return_exceptions=True
            )
        for error in outcomes:
            if isinstance(error, Exception):
                _log.warning("a tab could not keep its new tokens: %r", error)
        return True


class Sessions:
    """The sessions that are in use, found by every refresh token they have had."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._by_refresh_token: WeakValueDictionary[str, Session] = WeakValueDictionary()

    def of(self, tokens: SessionTokens) -> Session:
        """Return the session that these tokens belong to; a new one where none is in use."""
        session = self._by_refresh_token.get(tokens.refresh) if tokens.refresh else None
        if session is None:
            session = Session(tokens, self._exchange_and_note)
            if tokens.refresh:
                self._by_refresh_token[tokens.refresh] = session
        return session

    async def _exchange_and_note(self, refresh_token: str) -> SessionTokens | None:
        session = self._by_refresh_token.get(refresh_token)
        tokens = await self._exchange(refresh_token)
        if tokens is not None and session is not None:
            self._by_refresh_token[tokens.refresh] = session
        return tokens


def action_id() -> str:
    """Return the id of the action that is being done, for `X-Request-ID`."""
    task = asyncio.current_task()
    if task is None:
        return uuid.uuid4().hex
    return _ids.setdefault(task, uuid.uuid4().hex)


def _words(problem: object) -> str:
    """Say what is wrong with single fields, or else what the problem's detail says."""
    if not isinstance(problem, Mapping):
        return ""
    errors = problem.get("errors")
    parts = [_field_words(error) for error in errors] if isinstance(errors, list) else []
    if not any(parts):
        parts = [str(problem.get("detail") or problem.get("title") or "")]
    return " ".join(part[0].upper() + part[1:] + "." for part in (part.strip(" .") for part in parts) if part)


def _field_words(error: Any) -> str:
    if not isinstance(error, Mapping):
        return ""
    field = str(error.get("field", "")).rpartition(".")[2]
    label = _FIELDS.get(field, field.replace("_", " ").capitalize())
    return f"{label}: {error.get('message', '')}" if label else str(error.get("message", ""))
