"""Refusing what is too long, in time, and so that the sender hears of it."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LINGER_S = 2.0
LINGER_BYTES = 64 * 1024 * 1024

BODY_S = 10.0
"""How long a body that is no picture may take: it has 64 KiB at most."""


class WhileSending(JSONResponse):
    """Answers at once, then throws away what still comes, for a little while, and closes the connection.

    Closing with bytes unread makes the system reset the connection, and many senders never see the answer.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        self.headers["Connection"] = "close"
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        # Who waits for leave to send ("Expect: 100-continue") has the answer now, and sends nothing.
        if "expect" not in Headers(scope=scope):
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER_S):
                    await _throw_away(receive)
        await send({"type": "http.response.body", "body": b""})


async def _throw_away(receive: Receive) -> None:
    left = LINGER_BYTES
    more = True
    while more and left > 0:
        message = await receive()
        more = bool(message.get("more_body"))
        left -= len(message.get("body", b""))


class BodyLimit:
    """Middleware that lets nobody fill the memory, nor wait for ever.

    A body longer than `max_bytes` is answered with 413, and one that isn't there within `BODY_S` with 408.
    Paths that fit `except_for` look after themselves.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int, except_for: re.Pattern[str]) -> None:
        self.app = app
        self._max_bytes = max_bytes
        self._except_for = except_for

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting what it sends."""
        if scope["type"] != "http" or self._except_for.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        left = self._max_bytes
        refused = complete = started = False
        loop = asyncio.get_running_loop()
        deadline = loop.time() + BODY_S

        async def counting() -> Message:
            nonlocal left, refused, complete
            try:
                # Once the body is there, this is how the end of the connection is waited for.
                async with asyncio.timeout_at(None if complete or refused else deadline):
                    message = await receive()
            except TimeoutError as error:
                refused = True
                if started:
                    return {"type": "http.disconnect"}
                raise HTTPException(408) from error
            complete = not message.get("more_body")
            left -= len(message.get("body", b""))
            if left < 0 and not refused:
                # Once: whoever answers this may go on to read, and throw away, the rest.
                refused = True
                raise HTTPException(413)
            return message

        async def watching(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        await self.app(scope, counting, watching)
