"""An answer to somebody who is still sending."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

LINGER_S = 2.0
LINGER_BYTES = 64 * 1024 * 1024


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
