"""The backend as the app sees it: one method per thing a person can do, over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx

from flutter_app.actions import action_id
from flutter_app.errors import Garbled, Refused, Unreachable
from flutter_app.model import Account, Posts, Profile, SignedIn, Tokens
from flutter_app.session import Session, Sessions

_T = TypeVar("_T")


class Backend:
    """Ask the backend over a shared HTTP client whose base address is the backend's.

    Every method raises a `BackendError` where the backend can't be reached or refuses.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._sessions = Sessions(self._exchange)

    def session(self, tokens: Tokens) -> Session:
        """Return the session of these tokens; methods that take one renew it where its token has expired."""
        return self._sessions.of(tokens)

    async def register(self, *, email: str, password: str, display_name: str) -> SignedIn:
        """Make an account and sign in."""
        body = {"email": email, "password": password, "display_name": display_name}
        return await self._ask("POST", "/accounts", SignedIn.read, json=body)

    async def sign_in(self, *, email: str, password: str) -> SignedIn:
        """Sign in with what the person typed."""
        return await self._ask(
            "POST", "/sessions", SignedIn.read, json={"email": email, "password": password}
        )

    async def sign_out(self, session: Session) -> None:
        """Make a session's tokens worthless."""
        await self._ask("DELETE", "/sessions/current", _nothing, session=session)

    async def account(self, session: Session) -> Account:
        """Read the signed-in person's account."""
        return await self._ask("GET", "/me", Account.read, session=session)

    async def change(self, session: Session, **fields: str) -> Account:
        """Change the name, the bio, or both."""
        return await self._ask("PATCH", "/me", _changed_account, session=session, json=fields)

    async def remove_picture(self, session: Session) -> Account:
        """Go back to the default picture."""
        return await self._ask("DELETE", "/me/avatar", _changed_account, session=session)

    async def upload_address(self, session: Session) -> str:
        """Get the address to which the browser may send one picture without a token."""
        url = await self._ask("POST", "/me/avatar/uploads", lambda data: str(data["url"]), session=session)
        # The browser sends no headers of ours: the address tells which action the upload belongs to.
        return str(httpx.URL(url).copy_add_param("request_id", action_id()))

    async def person(self, person_id: str) -> Profile:
        """Read somebody's public profile."""
        return await self._ask("GET", f"/people/{person_id}", Profile.read)

    async def feed(self, *, cursor: str | None = None, limit: int = 30) -> Posts:
        """Read a page of everybody's posts."""
        return await self._posts("/feed", cursor, limit)

    async def posts_by(self, person_id: str, *, cursor: str | None = None, limit: int = 30) -> Posts:
        """Read a page of one person's posts."""
        return await self._posts(f"/people/{person_id}/posts", cursor, limit)

    async def post(self, session: Session, text: str) -> None:
        """Publish a post; it comes back to every screen as an event."""
        await self._ask("POST", "/posts", _nothing, session=session, json={"text": text})

    async def _posts(self, path: str, cursor: str | None, limit: int) -> Posts:
        params: dict[str, str | int] = {"limit": limit}
        if cursor is not None:
            params["cursor"] = cursor
        return await self._ask("GET", path, Posts.read, params=params)

    async def _exchange(self, refresh_token: str) -> Tokens | None:
        """Get the next tokens; None where the sign-in has ended."""
        try:
            return await self._ask_once(
                "POST", "/sessions/refresh", Tokens.read, json={"refresh_token": refresh_token}
            )
        except Refused as refused:
            if refused.status != 401:
                raise
            return None

    async def _ask(
        self,
        method: str,
        path: str,
        read: Callable[[Any], _T],
        *,
        session: Session | None = None,
        json: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> _T:
        """Ask, and once more with a new token where the session's has expired."""
        if session is None:
            return await self._ask_once(method, path, read, json=json, params=params)
        token = session.tokens.access
        try:
            return await self._ask_once(method, path, read, token=token, json=json, params=params)
        except Refused as refused:
            if refused.status != 401 or not await session.renew(token):
                raise
        return await self._ask_once(method, path, read, token=session.tokens.access, json=json, params=params)

    async def _ask_once(
        self,
        method: str,
        path: str,
        read: Callable[[Any], _T],
        *,
        token: str | None = None,
        json: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> _T:
        headers = {"X-Request-ID": action_id()}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            response = await self._http.request(method, path, headers=headers, json=json, params=params)
        except httpx.HTTPError as error:
            raise Unreachable from error
        if not response.is_success:
            retry_after = response.headers.get("Retry-After")
            raise Refused.read(response.status_code, response.text, retry_after=retry_after)
        try:
            return read(response.json() if response.content else None)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise Garbled from error


def _changed_account(data: Any) -> Account:
    return Account.read(data["profile"])


def _nothing(_: Any) -> None:
    return None
