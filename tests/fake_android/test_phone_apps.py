"""Apps on a stand-in's phone: started, left, stopped, cleared, crashed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from playwright.async_api import Browser, BrowserContext

from fake_android.device import DeviceGone, InstalledApp, PhoneSetup
from fake_android.phone import open_phone
from fake_android.window import open_browser
from flutter_bridge import AppUnreachable
from tests.fake_android.hand import Hand
from tests.fake_android.stand_in_process import PACKAGE

LAUNCHER = "com.android.launcher3"

COUNTS_VISITS = """<flt-semantics id="flt-semantic-node-0"></flt-semantics><script>
    const visits = Number(localStorage.visits ?? 0) + 1;
    localStorage.visits = visits;
    const said = document.querySelector("flt-semantics");
    const say = () => { said.textContent = `Visit ${visits} at ${location.pathname}`; };
    addEventListener("popstate", say);
    say();
</script>"""

STARTS_WHEN_ASKED = '<flt-semantics id="flt-semantic-node-0"></flt-semantics>'

Hold = Callable[..., Awaitable[Hand]]


async def test_a_phone_begins_at_home_and_starts_the_app_whose_icon_is_tapped(hold: Hold) -> None:
    hand = await hold(COUNTS_VISITS)
    assert hand.phone.foreground[0] == LAUNCHER
    assert not hand.phone.is_running(PACKAGE)
    await hand.tap(await hand.reads("Sample"))
    await hand.reads("Visit 1 at /")
    assert hand.phone.foreground == (PACKAGE, ".MainActivity")
    assert hand.phone.is_running(PACKAGE)


async def test_an_app_starts_at_a_deep_link(hold: Hold) -> None:
    hand = await hold(COUNTS_VISITS)
    await hand.phone.start(PACKAGE, link="/people/42")
    await hand.reads("Visit 1 at /people/42")


async def test_an_app_that_starts_shows_nothing_of_flutter_s_until_it_has_drawn(hold: Hold) -> None:
    hand = await hold(STARTS_WHEN_ASKED)
    await hand.phone.start(PACKAGE, wait=False)
    assert hand.phone.foreground[0] == PACKAGE
    launching = list((await hand.phone.window()).walk())
    assert [node.resource_id for node in launching if node.resource_id] == ["android:id/content"]
    assert not any(node.text or node.content_desc for node in launching)
    assert not await hand.phone.is_keyboard_up()
    (page,) = (window.page for window in hand.phone._apps.running_apps.values())
    await page.evaluate("document.querySelector('flt-semantics').textContent = 'Here I am'")
    await hand.reads("Here I am")


async def test_an_app_that_is_gone_before_it_has_drawn_takes_nothing_along(hold: Hold) -> None:
    hand = await hold(STARTS_WHEN_ASKED)
    await hand.phone.start(PACKAGE, wait=False)
    await hand.phone.clear(PACKAGE)
    assert hand.phone.foreground[0] == LAUNCHER
    await hand.phone.start(PACKAGE, wait=False)
    assert hand.phone.is_running(PACKAGE)


async def test_an_app_that_runs_is_told_of_a_deep_link_and_not_loaded_anew(hold: Hold) -> None:
    hand = await hold(COUNTS_VISITS)
    await hand.phone.start(PACKAGE)
    await hand.phone.start(PACKAGE, link="/people/42")
    await hand.reads("Visit 1 at /people/42")


async def test_a_flutter_app_that_runs_follows_a_deep_link(hand: Hand) -> None:
    await hand.phone.start(PACKAGE, link="/second/deep")
    await hand.reads("Second place, at /second/deep")


async def test_a_stopped_app_keeps_its_data(hold: Hold) -> None:
    hand = await hold(COUNTS_VISITS)
    await hand.phone.start(PACKAGE)
    await hand.reads("Visit 1 at /")
    await hand.phone.stop(PACKAGE)
    assert hand.phone.foreground[0] == LAUNCHER
    assert not hand.phone.is_running(PACKAGE)
    await hand.phone.start(PACKAGE)
    await hand.reads("Visit 2 at /")


async def test_a_cleared_app_has_lost_its_data(hold: Hold) -> None:
    hand = await hold(COUNTS_VISITS)
    await hand.phone.start(PACKAGE)
    await hand.phone.clear(PACKAGE)
    assert not hand.phone.is_running(PACKAGE)
    await hand.phone.start(PACKAGE)
    await hand.reads("Visit 1 at /")


async def test_a_new_version_of_an_app_keeps_the_data(hold: Hold) -> None:
    hand = await hold(COUNTS_VISITS)
    await hand.phone.start(PACKAGE)
    await hand.phone.install(replace(hand.phone.apps[PACKAGE], version=2))
    assert not hand.phone.is_running(PACKAGE)
    assert hand.phone.apps[PACKAGE].version == 2
    await hand.phone.start(PACKAGE)
    await hand.reads("Visit 2 at /")


async def test_an_app_that_is_removed_is_gone_with_its_data_and_its_icon(hold: Hold) -> None:
    hand = await hold(COUNTS_VISITS)
    app = hand.phone.apps[PACKAGE]
    await hand.phone.start(PACKAGE)
    assert await hand.phone.uninstall(PACKAGE)
    assert not await hand.phone.uninstall(PACKAGE)
    assert "Sample" not in {node.text for node in (await hand.phone.window()).walk()}
    with pytest.raises(LookupError, match="not installed"):
        await hand.phone.start(PACKAGE)
    await hand.phone.install(app)
    await hand.phone.start(PACKAGE)
    await hand.reads("Visit 1 at /")


async def test_two_phones_share_no_data(hold: Hold) -> None:
    for hand in (await hold(COUNTS_VISITS), await hold(COUNTS_VISITS)):
        await hand.phone.start(PACKAGE)
        await hand.reads("Visit 1 at /")


async def test_a_freshly_started_app_takes_the_first_tap(fresh_hand: Hand) -> None:
    await fresh_hand.tap(await fresh_hand.named("press"))
    await fresh_hand.reads("Pressed 1 times")


async def test_back_goes_back_in_the_app_and_leaves_it_at_its_root(fresh_hand: Hand) -> None:
    hand = fresh_hand
    await hand.tap(await hand.named("press"))
    await hand.reads("Pressed 1 times")
    await hand.tap(await hand.named("go"))
    await hand.reads("Second place, at /second")
    await hand.phone.press_key(4)
    await hand.reads("Pressed 0 times")
    await hand.phone.press_key(4)
    assert hand.phone.foreground[0] == LAUNCHER
    assert hand.phone.is_running(PACKAGE)


async def test_home_leaves_an_app_as_it_is(hand: Hand) -> None:
    await hand.tap(await hand.named("press"))
    await hand.phone.press_key(3)
    assert hand.phone.foreground[0] == LAUNCHER
    await hand.phone.start(PACKAGE)
    await hand.reads("Pressed 1 times")


async def test_an_app_that_nobody_serves_does_not_start(browser: Browser) -> None:
    app = InstalledApp(PACKAGE, ".MainActivity", "http://127.0.0.1:1")
    async with open_phone(PhoneSetup("unserved", apps=(app,)), browser=browser) as phone:
        with pytest.raises(AppUnreachable, match=r"127\.0\.0\.1:1"):
            await phone.start(PACKAGE)
        assert phone.foreground[0] == LAUNCHER
        assert not phone.is_running(PACKAGE)


async def test_an_app_that_crashes_leaves_the_home_screen(hold: Hold, browser: Browser) -> None:
    def shows_app(context: BrowserContext) -> bool:
        return any(page.url.startswith(url) for page in context.pages)

    hand = await hold(COUNTS_VISITS)
    url = hand.phone.apps[PACKAGE].url
    await hand.phone.start(PACKAGE)
    (context,) = filter(shows_app, browser.contexts)
    session = await context.new_cdp_session(context.pages[0])
    # The page that is asked to crash never answers.
    crashing = asyncio.ensure_future(session.send("Page.crash"))
    await hand.is_in(LAUNCHER)
    crashing.cancel()
    assert not hand.phone.is_running(PACKAGE)
    await hand.phone.start(PACKAGE)
    await hand.reads("Visit 2 at /")


async def test_a_phone_whose_browser_died_is_gone() -> None:
    async with open_browser() as browser, open_phone(PhoneSetup("dying"), browser=browser) as phone:
        session = await browser.new_browser_cdp_session()
        processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
        os.kill(next(process["id"] for process in processes if process["type"] == "browser"), signal.SIGKILL)
        with pytest.raises(DeviceGone, match="browser that shows dying is gone"):
            await phone.window()


async def test_a_phone_that_is_switched_off_is_gone_and_leaves_nothing(browser: Browser) -> None:
    before = len(browser.contexts)
    async with open_phone(PhoneSetup("brief"), browser=browser) as phone:
        assert len(browser.contexts) > before
        await phone.push("/sdcard/note.txt", b"note")
    assert len(browser.contexts) == before
    with pytest.raises(DeviceGone, match="switched off"):
        await phone.window()
