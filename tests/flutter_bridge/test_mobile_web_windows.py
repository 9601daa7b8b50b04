"""Windows that an app opens in a browser on a phone, which a WebDriver is led to by their handles."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from flutter_bridge import FlutterApp, NotFound, by
from flutter_bridge.frames import decode_picture
from tests.flutter_bridge.popup_site import app as opening
from tests.flutter_bridge.popup_site import provider, sign_in
from tests.site_server import Answer, Site

Serve = Callable[[Site], Awaitable[str]]
Open = Callable[..., AbstractAsyncContextManager[FlutterApp]]


async def test_one_signs_in_in_a_window_that_closes(serve_site: Serve, open_mobile: Open) -> None:
    identity = await serve_site(provider)
    async with open_mobile(await serve_site(opening(identity))) as app:
        await sign_in(app)
        await app.tap(by.label("Sign in"))
        await app.find(by.label("E-mail"))
        async with app.frames() as frames:
            shown = decode_picture((await anext(aiter(frames))).encoded, "the frame")
        await app.back()
        assert by.label("Hello Ada").first_match_in(await app.semantics()) is not None
        assert shown == await app.screenshot()
        closed = f"the window at {identity}/ has closed"
        with pytest.raises(NotFound, match=closed):
            await app.find(by.label("E-mail"), timeout=0.2)


async def test_a_window_that_a_phones_browser_blocks(serve_site: Serve, open_mobile: Open) -> None:
    opens = "<button>Sign in</button><script>window.open('/login')</script>"
    async with open_mobile(await serve_site(lambda _: Answer(opens))) as app:
        with pytest.raises(NotFound, match=r"the browser blocked the window at http.*/login: an app has to"):
            await app.find(by.label("E-mail"), timeout=0.2)
