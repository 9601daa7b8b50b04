"""A tab that goes away while something is being sent to it: the session must end all the same."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import msgpack  # type: ignore[import-untyped]  # it ships no types

from flutter_app import create_app

Message = MutableMapping[str, Any]

REGISTER = 1
INVOKE_METHOD = 5
SCOPE = {
    "type": "websocket",
    "path": "/ws",
    "raw_path": b"/ws",
    "root_path": "",
    "scheme": "ws",
    "query_string": b"",
    "headers": [(b"host", b"127.0.0.1")],
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 2),
    "subprotocols": [],
}


class Browser:
    """The other end of a connection, as far as the app's server sees it."""

    def __init__(self) -> None:
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self.gone = False
        self.answered = asyncio.Event()
        self.failed = asyncio.Event()
        page = {"route": "/", "width": 412, "height": 915}
        register = [REGISTER, {"session_id": None, "page_name": "", "page": page}]
        self._messages.put_nowait({"type": "websocket.connect"})
        packed = b"\x00" + msgpack.packb(register)
        self._messages.put_nowait({"type": "websocket.receive", "bytes": packed})

    async def receive(self) -> Message:
        return await self._messages.get()

    async def send(self, message: Message) -> None:
        if self.gone:
            self.failed.set()
            raise OSError
        if INVOKE_METHOD in message.get("bytes", b"")[1:3]:
            # It asks for what the browser has stored: the tab is open by then.
            self.answered.set()

    def leave(self) -> None:
        self._messages.put_nowait({"type": "websocket.disconnect", "code": 1006})


async def test_a_connection_that_breaks_while_sending_ends_the_session() -> None:
    app = create_app("http://127.0.0.1:9")
    async with app.router.lifespan_context(app), asyncio.timeout(10):
        browser, tabs = Browser(), app.state.tabs
        connection = asyncio.create_task(app(dict(SCOPE), browser.receive, browser.send))
        await browser.answered.wait()
        assert len(tabs) == 1
        browser.gone = True
        # The first is still waiting for the browser's answer when the app stops: that must not hold it up.
        tabs.on_connected()
        tabs.on_disconnected()
        await browser.failed.wait()
        browser.leave()
        await asyncio.wait([connection])
        assert connection.exception() is not None
        assert len(tabs) == 0
