"""A sign-in as the app keeps it: its tokens, renewed when they have expired, shared by a browser's tabs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol
from weakref import WeakSet, WeakValueDictionary

from flutter_app.model import Tokens

_log = logging.getLogger(__name__)

Exchange = Callable[[str], Awaitable[Tokens | None]]
"""Gets the next tokens for a refresh token; None where the backend no longer takes it."""


class Keeper(Protocol):
    """Who keeps tokens where they outlive a reload: a tab, in its browser."""

    async def remember(self, session: Session) -> None:
        """Keep the session's tokens in the place of those before."""
        ...


class Session:
    """The tokens of one sign-in. A refresh token works once, so all tabs of a browser share one session."""

    def __init__(self, tokens: Tokens, exchange: Exchange) -> None:
        self.tokens = tokens
        self._exchange = exchange
        self._renewing = asyncio.Lock()
        self._keepers: WeakSet[Keeper] = WeakSet()

    def keep(self, keeper: Keeper) -> None:
        """Have the tokens kept by somebody more, whenever they change."""
        self._keepers.add(keeper)

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
            told = await asyncio.gather(
                *(keeper.remember(self) for keeper in self._keepers), return_exceptions=True
            )
        for error in told:
            if isinstance(error, Exception):
                _log.warning("a tab could not keep its new tokens: %r", error)
        return True


class Sessions:
    """The sessions that are in use, found by every refresh token they have had."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._by_refresh_token: WeakValueDictionary[str, Session] = WeakValueDictionary()

    def of(self, tokens: Tokens) -> Session:
        """Return the session that these tokens belong to; a new one where none is in use."""
        session = self._by_refresh_token.get(tokens.refresh) if tokens.refresh else None
        if session is None:
            session = Session(tokens, self._exchange_and_note)
            if tokens.refresh:
                self._by_refresh_token[tokens.refresh] = session
        return session

    async def _exchange_and_note(self, refresh_token: str) -> Tokens | None:
        session = self._by_refresh_token.get(refresh_token)
        tokens = await self._exchange(refresh_token)
        if tokens is not None and session is not None:
            self._by_refresh_token[tokens.refresh] = session
        return tokens
