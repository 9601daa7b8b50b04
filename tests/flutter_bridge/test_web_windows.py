"""Windows that an app's page opens, such as for signing in: the newest is acted on while it is open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from flutter_bridge import ActionFailed, AppUnreachable, Interval, NotFound, Role, by
from tests.flutter_bridge.popup_site import app as opening
from tests.flutter_bridge.popup_site import provider, sign_in
from tests.site_server import Answer, Site

Serve = Callable[[Site], Awaitable[str]]


class Heard:
    """Who hears what was done."""

    def __init__(self) -> None:
        self.actions: list[str] = []

    async def before_action(self, action: str) -> None:
        """Prepare nothing."""

    def action_received(self, action: str, received: Interval) -> None:  # noqa: ARG002 - what, not when
        """Keep it."""
        self.actions.append(action)


async def test_one_signs_in_in_a_window_that_closes(serve_site: Serve, open_page: Any) -> None:
    identity = await serve_site(provider)
    async with open_page(await serve_site(opening(f"{identity}/?state=secret"))) as app:
        app.listener = heard = Heard()
        await sign_in(app)
        await app.tap(by.label("Sign in"))
        where = f" in the window at {identity}/"
        assert heard.actions == [
            'taps by.label("Sign in")',
            f'enters text into by.label("E-mail"){where}',
            f'enters text into by.label("Password"){where}',
            f'taps by.text("Continue"){where}',
            'taps by.label("Sign in")',
        ]


WAYS = {
    "a window of its own": "window.open(address, '', 'popup,width=300,height=200')",
    "a tab": "window.open(address)",
    "a link": "document.body.insertAdjacentHTML('beforeend', `<a href='${address}' target=_blank "
    "rel=opener></a>`); document.querySelector('a').click()",
    "an empty window, which is led on": "const opened = window.open(''); "
    "setTimeout(() => opened.location = address, 200)",
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_window_is_opened_as(serve_site: Serve, open_page: Any, way: str) -> None:
    identity = await serve_site(provider)
    async with open_page(await serve_site(opening(identity, opens=WAYS[way]))) as app:
        await sign_in(app)


async def test_a_window_opens_another(serve_site: Serve, open_page: Any) -> None:
    """As a provider does that leads on to a second one; each closes when its work is done."""
    inner = await serve_site(lambda _: Answer("<button onclick='window.close()'>Use this account</button>"))
    choices = f"""
        <button onclick="window.open('{inner}')">Choose</button>
        <button onclick="window.close()">Cancel</button>
    """
    outer = await serve_site(lambda _: Answer(choices))
    async with open_page(await serve_site(opening(outer))) as app:
        await app.tap(by.label("Sign in"))
        await app.tap(by.text("Choose"))
        await app.tap(by.text("Use this account"))
        await app.tap(by.text("Cancel"))
        await app.tap(by.label("Sign in"))


async def test_what_is_watched_is_the_apps_page(serve_site: Serve, open_page: Any) -> None:
    identity = await serve_site(provider)
    async with open_page(await serve_site(opening(identity))) as app:
        await app.tap(by.label("Sign in"))
        await app.find(by.label("E-mail"))
        assert by.label("Sign in").first_match_in(await app.semantics(watched=True)) is not None
        assert by.label("Sign in").first_match_in(await app.semantics()) is None
        async with app.frames() as frames:
            pixels = (await anext(aiter(frames))).encoded
        await app.back()
        async with app.frames() as frames:
            assert (await anext(aiter(frames))).encoded == pixels


async def test_a_screenshot_is_of_what_is_in_front(serve_site: Serve, open_page: Any) -> None:
    blue = await serve_site(lambda _: Answer("<body style='background:#00f'><button>Go</button>"))
    async with open_page(await serve_site(opening(blue))) as app:
        await app.tap(by.label("Sign in"))
        await app.find(by.text("Go"))
        assert (await app.screenshot()).getpixel((300, 250)) == (0, 0, 255)
        await app.back()
        assert (await app.screenshot()).getpixel((300, 250)) == (255, 255, 255)


# -- what goes wrong


async def test_a_window_that_never_closes(serve_site: Serve, open_page: Any) -> None:
    identity = await serve_site(provider)
    async with open_page(await serve_site(opening(f"{identity}/idle?code=secret"))) as app:
        await app.tap(by.label("Sign in"))
        problem = (
            rf'by.label\("Hello Ada"\) is not on screen .*; the window at {identity}/idle is open in front '
            r'of the app: it is ordinary HTML .*\("Done"\); nearest'
        )
        with pytest.raises(NotFound, match=problem) as caught:
            await app.find(by.label("Hello Ada"), timeout=2.0)
        assert "\n" not in str(caught.value)
        await app.restart()
        await app.find(by.label("Sign in"))


async def test_a_window_that_is_closed_early(serve_site: Serve, open_page: Any) -> None:
    """Back has nothing to go to in it, and closes it, as on a phone."""
    identity = await serve_site(provider)
    async with open_page(await serve_site(opening(identity))) as app:
        await app.tap(by.label("Sign in"))
        await app.find(by.label("E-mail"))
        await app.back()
        closed = f"the window at {identity}/ has closed"
        with pytest.raises(NotFound, match=closed):
            await app.tap(by.label("E-mail"), timeout=0.2)
        await app.tap(by.label("Sign in"))
        await app.back()
        with pytest.raises(NotFound) as caught:
            await app.find(by.label("Hello Ada"), timeout=0.2)
        assert closed in str(caught.value)


async def test_a_window_that_closes_by_itself_while_something_is_looked_for(
    serve_site: Serve, open_page: Any
) -> None:
    closing = await serve_site(lambda _: Answer("<p>Wait<script>setTimeout(close, 700)</script>"))
    async with open_page(await serve_site(opening(closing))) as app:
        await app.tap(by.label("Sign in"))
        await app.find(by.text("Wait"))
        await app.find(by.label("Sign in"))


async def test_a_window_that_the_browser_blocks(serve_site: Serve, open_page: Any) -> None:
    """As it does where nobody has tapped anything; it is told once something is missed."""
    identity = await serve_site(provider)
    opens = f"<button>Sign in</button><script>window.open('{identity}/?state=secret')</script>"
    async with open_page(await serve_site(lambda _: Answer(opens))) as app:
        problem = (
            rf"the browser blocked the window at {identity}/: an app has to open it as soon as something is "
            "tapped; nearest"
        )
        with pytest.raises(NotFound, match=problem):
            await app.enter_text(by.label("E-mail"), "Ada", timeout=0.2)


async def test_a_window_on_a_host_that_may_not_be_reached(serve_site: Serve, open_page: Any) -> None:
    async with open_page(await serve_site(opening("https://login.example/?state=secret"))) as app:
        await app.tap(by.label("Sign in"))
        problem = r"^a window was opened at https://login.example/, which can't be reached: name its host in"
        with pytest.raises(AppUnreachable, match=problem):
            await app.find(by.label("E-mail"))


async def test_a_provider_that_is_broken(serve_site: Serve, open_page: Any) -> None:
    broken = await serve_site(lambda _: Answer("<h1>502 Bad Gateway</h1>", 502))
    async with open_page(await serve_site(opening(broken))) as app:
        await app.tap(by.label("Sign in"))
        with pytest.raises(AppUnreachable, match=rf"shows no Flutter app: it is at {broken}/"):
            await app.find(by.label("E-mail"))


async def test_a_window_that_is_gone_when_it_is_acted_on(serve_site: Serve, open_page: Any) -> None:
    identity = await serve_site(provider)
    async with open_page(await serve_site(opening(identity))) as app:
        await app.tap(by.label("Sign in"))
        button = await app.find(by.role(Role.BUTTON, name="Continue"))
        await app.page.context.pages[-1].close()
        with pytest.raises(
            ActionFailed, match=rf"the window at {identity}/ closed before this could be done"
        ):
            await app.driver.tap(button.box.centre)
