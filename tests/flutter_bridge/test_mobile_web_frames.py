"""Frames of other origins in a browser on a phone, into which a WebDriver is led."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from flutter_bridge import Box, FlutterApp, by
from tests.flutter_bridge.test_web_covers import tappable
from tests.flutter_bridge.test_web_embedded import FIELD, app_page
from tests.site_server import Answer, Site

VIEWPORT = '<meta name="viewport" content="width=device-width">'


async def test_an_app_in_a_frame_is_read_and_operated(
    serve_site: Callable[[Site], Awaitable[str]],
    open_mobile: Callable[..., AbstractAsyncContextManager[FlutterApp]],
) -> None:
    later = """<script>addEventListener("click", () => setTimeout(() => {
        document.querySelector("flt-semantics").setAttribute("aria-label", "Later");
    }, 600));</script>"""
    html = app_page(tappable(3, (20, 10, 200, 40), "Save"), FIELD) + later
    inner = (await serve_site(lambda _: Answer(html))).replace("127.0.0.1", "localhost")
    style = "position:absolute; left:40px; top:30px; width:300px; height:200px"
    outer = f"{VIEWPORT}<iframe src='{inner}' style='{style}'></iframe><a href='/'>Home</a>"
    async with open_mobile(await serve_site(lambda _: Answer(outer))) as app:
        assert (await app.find(by.label("Save"))).box == Box(40 + 2 + 20, 30 + 2 + 10, 200, 40)
        await app.tap(by.label("Save"))
        await app.find(by.label("Later"))
        await app.enter_text(by.label("Name"), "Ada")
        assert (await app.find(by.label("Name"))).value == "Ada"
        await app.find(by.text("Home"))
