"""The real Appium server and its real UiAutomator2 driver, on stand-ins that show a real Flutter app."""

from __future__ import annotations

import asyncio
import base64
import io
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from appium import webdriver
from appium.webdriver.common.appiumby import AppiumBy
from appium.webdriver.webdriver import WebDriver
from PIL import Image
from selenium.common.exceptions import (
    NoSuchElementException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.interaction import POINTER_TOUCH
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.support.wait import WebDriverWait

from flutter_bridge import by
from flutter_bridge.appium import android_tree, open_appium_app
from local_server import free_port
from tests.android_package import sample_package
from tests.fake_android.plain_client import by_id, capabilities, described, options, session
from tests.fake_android.stand_in_process import (
    ACTIVITY,
    CAPABILITIES,
    PACKAGE,
    StandIns,
    running_sample_phone,
    running_stand_ins,
)
from tests.flutter_bridge.appium_server import running_appium

# In one process only: what its tests share is an Appium and two stand-ins.
pytestmark = pytest.mark.xdist_group("appium-on-stand-ins")

Steps = Callable[[WebDriver], None]
Play = Callable[[Steps], Any]
T = TypeVar("T")
VISITS = itertools.count(1)


@pytest.fixture(scope="module")
async def phones(sample_app: str) -> AsyncIterator[StandIns]:
    """Switch two phones on, the sample app on both."""
    async with running_stand_ins("--devices", "2", "--app", f"{PACKAGE}/{ACTIVITY}={sample_app}") as phones:
        yield phones


@pytest.fixture(scope="module")
async def appium(phones: StandIns) -> AsyncIterator[str]:
    """Run Appium where it finds them; its address."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in phones.environment.items():
            environment.setenv(name, value)
        async with running_appium("uiautomator2") as server:
            yield server.address


@pytest.fixture(scope="module")
async def driver(appium: str) -> AsyncIterator[WebDriver]:
    """Open a session on the first phone, and start the app there once more, without any data."""
    opened = session(appium, capabilities())
    driver = await asyncio.to_thread(opened.__enter__)

    def restart() -> None:
        # It ends the app, too.
        driver.execute_script("mobile: clearApp", {"appId": PACKAGE})
        driver.activate_app(PACKAGE)
        by_id(driver, "press")

    try:
        await asyncio.to_thread(restart)
        yield driver
    finally:
        await asyncio.to_thread(opened.__exit__, None, None, None)


@pytest.fixture
async def play(driver: WebDriver) -> Play:
    """Return what plays steps on a fresh first screen: off the loop, which reads what Appium says."""

    def begin() -> None:
        place = f"/fresh-{next(VISITS)}"
        driver.execute_script("mobile: deepLink", {"url": f"sample://open{place}", "package": PACKAGE})
        described(driver, place)
        by_id(driver, "press")

    await asyncio.to_thread(begin)

    async def run(steps: Steps) -> None:
        await asyncio.to_thread(steps, driver)

    return run


async def test_the_page_source_reads_as_a_flutter_app(play: Play) -> None:
    def steps(driver: WebDriver) -> None:
        tree = android_tree(driver.page_source, pixel_ratio=1)
        identifiers = {node.identifier for node in tree}
        assert {"press", "counted", "field", "list"} <= identifiers

    await play(steps)


async def test_an_element_is_found_by_every_locator(play: Play) -> None:
    def steps(driver: WebDriver) -> None:
        found = {
            driver.find_element(strategy, selector).id
            and driver.find_element(strategy, selector).location["y"]
            for strategy, selector in [
                (AppiumBy.ID, "avatar"),
                (AppiumBy.ACCESSIBILITY_ID, "Avatar of Ada"),
                (AppiumBy.XPATH, "//android.widget.ImageView[@resource-id='avatar']"),
                (AppiumBy.ANDROID_UIAUTOMATOR, 'new UiSelector().resourceId("avatar")'),
            ]
        }
        assert len(found) == 1
        driver.implicitly_wait(0)
        with pytest.raises(NoSuchElementException):
            by_id(driver, "nobody")
        driver.implicitly_wait(10)

    await play(steps)


async def test_a_click_presses_a_button(play: Play) -> None:
    def steps(driver: WebDriver) -> None:
        described(driver, "Press me").click()
        assert described(driver, "Pressed 1 times").is_displayed()

    await play(steps)


async def test_a_clicked_field_takes_keys(play: Play) -> None:
    def steps(driver: WebDriver) -> None:
        # The identifier is on the field's parent or on itself, as the app's semantics were merged.
        field = driver.find_element(AppiumBy.CLASS_NAME, "android.widget.EditText")
        field.click()
        # As on a device a field that has not got the focus yet swallows what it is given.
        WebDriverWait(driver, 10).until(lambda _: field.get_attribute("focused") == "true")
        field.send_keys(" and after")
        assert field.text == "before and after"
        assert described(driver, "Said: before and after").is_displayed()
        field.clear()
        assert field.text == ""

    await play(steps)


async def test_fingers_move_as_told(play: Play) -> None:
    def steps(driver: WebDriver) -> None:
        button = described(driver, "Press me")
        finger = PointerInput(POINTER_TOUCH, "finger")  # type: ignore[no-untyped-call]  # Selenium's
        actions = ActionBuilder(driver, mouse=finger)
        hand: Any = actions.pointer_action
        hand.move_to(button).pointer_down().pause(0.05).pointer_up()
        actions.perform()
        assert described(driver, "Pressed 1 times").is_displayed()
        ActionChains(driver).move_to_element(button).click().perform()
        assert described(driver, "Pressed 2 times").is_displayed()

    await play(steps)


async def test_gestures_by_name(play: Play) -> None:
    def steps(driver: WebDriver) -> None:
        button = described(driver, "Press me")
        driver.execute_script("mobile: clickGesture", {"elementId": button.id})
        assert described(driver, "Pressed 1 times").is_displayed()
        rows = by_id(driver, "list")
        first = by_id(driver, "item-0").location["y"]
        down = {"elementId": rows.id, "direction": "down", "percent": 0.5}
        assert driver.execute_script("mobile: scrollGesture", down) is True
        tree = android_tree(driver.page_source, pixel_ratio=1)
        moved = [node.box.top for node in tree if node.identifier == "item-0" and node.box]
        assert not moved or moved[0] < first
        up = {"elementId": rows.id, "direction": "down", "percent": 0.9}
        driver.execute_script("mobile: swipeGesture", up)
        driver.execute_script("mobile: flingGesture", {"elementId": rows.id, "direction": "up"})

    await play(steps)


async def test_a_list_is_scrolled_to_a_late_row(play: Play) -> None:
    def steps(driver: WebDriver) -> None:
        wanted = 'new UiSelector().resourceId("item-20")'
        row = f"new UiScrollable(new UiSelector().scrollable(true)).scrollIntoView({wanted})"
        assert (
            driver.find_element(AppiumBy.ANDROID_UIAUTOMATOR, row).get_attribute("content-desc")
            == "Picture 20"
        )

    await play(steps)


async def test_pictures_are_as_large_as_what_they_show(play: Play) -> None:
    def steps(driver: WebDriver) -> None:
        screen = Image.open(io.BytesIO(driver.get_screenshot_as_png()))
        size = driver.get_window_size()
        assert screen.size == (size["width"], size["height"])
        avatar = by_id(driver, "avatar")
        part = Image.open(io.BytesIO(avatar.screenshot_as_png)).convert("RGB")
        assert part.size == (avatar.size["width"], avatar.size["height"])

        def shows_ground(_: WebDriver) -> bool:
            part = Image.open(io.BytesIO(avatar.screenshot_as_png)).convert("RGB")
            corner = part.getpixel((part.width - 2, 2))
            assert isinstance(corner, tuple)
            # The sample picture's ground, as the browser draws it.
            return all(abs(seen - drawn) < 12 for seen, drawn in zip(corner, (0x20, 0x40, 0x80), strict=True))

        # An app's pictures are loaded after its first frame.
        WebDriverWait(driver, 10).until(shows_ground)

    await play(steps)


async def test_an_app_is_stopped_and_brought_back(play: Play) -> None:
    def steps(driver: WebDriver) -> None:
        assert driver.query_app_state(PACKAGE) == 4
        assert driver.current_package == PACKAGE
        driver.press_keycode(3)
        assert driver.query_app_state(PACKAGE) == 3
        driver.activate_app(PACKAGE)
        assert driver.query_app_state(PACKAGE) == 4
        assert driver.terminate_app(PACKAGE) is True
        assert driver.query_app_state(PACKAGE) == 1
        assert driver.query_app_state("org.nobody") == 0
        driver.activate_app(PACKAGE)

    await play(steps)


async def test_files_go_there_and_back(play: Play) -> None:
    def steps(driver: WebDriver) -> None:
        content = base64.b64encode(b"a picture").decode()
        driver.push_file("/sdcard/Download/picture.png", content)
        assert driver.pull_file("/sdcard/Download/picture.png") == content
        driver.execute_script("mobile: deleteFile", {"remotePath": "/sdcard/Download/picture.png"})
        with pytest.raises(WebDriverException):
            driver.pull_file("/sdcard/Download/picture.png")

    await play(steps)


async def test_a_link_opens_the_app_there_and_back_leads_out(play: Play) -> None:
    def steps(driver: WebDriver) -> None:
        driver.execute_script("mobile: deepLink", {"url": "sample://open/second", "package": PACKAGE})
        assert "/second" in by_id(driver, "place").get_attribute("content-desc")
        driver.back()
        with pytest.raises(WebDriverException):
            driver.execute_script(
                "mobile: deepLink", {"url": "nobody://open/second", "package": "org.nobody"}
            )

    await play(steps)


async def test_the_phone_is_turned(play: Play) -> None:
    def steps(driver: WebDriver) -> None:
        size = driver.get_window_size()
        driver.orientation = "LANDSCAPE"
        assert driver.orientation == "LANDSCAPE"
        assert driver.get_window_size() == {"width": size["height"], "height": size["width"]}
        driver.orientation = "PORTRAIT"
        assert driver.get_window_size() == size

    await play(steps)


async def test_an_element_of_a_screen_that_is_left_is_stale(play: Play) -> None:
    def steps(driver: WebDriver) -> None:
        row = driver.find_elements(AppiumBy.XPATH, "//*[@resource-id='press']")[0]
        described(driver, "Go on").click()
        by_id(driver, "place")
        with pytest.raises(StaleElementReferenceException):
            _ = row.text

    await play(steps)


async def test_the_clipboard_and_what_the_phone_is(play: Play) -> None:
    def steps(driver: WebDriver) -> None:
        driver.set_clipboard_text("copied")
        info = driver.execute_script("mobile: deviceInfo")
        assert (info["model"], info["apiVersion"]) == ("Flutter_stand_in", "34")

    await play(steps)


async def test_two_phones_side_by_side(appium: str, play: Play) -> None:
    def steps(driver: WebDriver) -> None:
        with session(appium, capabilities("stand-in-2")) as other:
            described(other, "Press me").click()
            assert described(other, "Pressed 1 times").is_displayed()
            assert described(driver, "Pressed 0 times").is_displayed()

    await play(steps)


async def test_a_session_begins_with_no_data_and_leaves_nothing(appium: str, phones: StandIns) -> None:
    wanted = capabilities("stand-in-2")

    def visit() -> None:
        with session(appium, wanted) as driver:
            assert described(driver, "Pressed 0 times").is_displayed()
            described(driver, "Press me").click()
            assert described(driver, "Pressed 1 times").is_displayed()

    for _ in range(2):
        await asyncio.to_thread(visit)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", wanted["appium:systemPort"])


async def test_a_picture_stream_is_forwarded(appium: str) -> None:
    port = free_port()

    def watch() -> bytes:
        with (
            session(appium, capabilities("stand-in-2", mjpegServerPort=port)),
            httpx.stream("GET", f"http://127.0.0.1:{port}/") as answer,
        ):
            assert answer.headers["Content-Type"].startswith("multipart/x-mixed-replace")
            return next(answer.iter_bytes())

    assert (await asyncio.to_thread(watch)).startswith(b"--BoundaryString\r\n")


async def test_a_phone_that_is_not_there(appium: str) -> None:
    with pytest.raises(WebDriverException, match="Device nobody was not in the list"):
        await asyncio.to_thread(webdriver.Remote, appium, options=options(capabilities("nobody")))


async def test_an_app_that_is_not_installed(appium: str) -> None:
    with pytest.raises(WebDriverException, match=r"org\.nobody"):
        await asyncio.to_thread(
            webdriver.Remote, appium, options=options(capabilities("stand-in-2", appPackage="org.nobody"))
        )


BUILD = """<!doctype html><meta name=viewport content='width=device-width, initial-scale=1'>
    <flt-semantics id="flt-semantic-node-0"></flt-semantics><script>
    localStorage.starts = Number(localStorage.starts ?? 0) + 1;
    document.querySelector("flt-semantics").textContent = `%s, start ${localStorage.starts}`;
</script>"""


async def test_an_app_that_is_named_is_played_whatever_build_of_it_was_there(
    appium: str, serve_page: Callable[[str], Awaitable[str]], tmp_path: Path
) -> None:
    async def play_build(name: str, version: int) -> None:
        app = sample_package(
            tmp_path / f"{name}.apk", "org.example.build", version=version, url=await serve_page(BUILD % name)
        )
        wanted = {**CAPABILITIES, "appium:udid": "stand-in-2", "appium:app": str(app)}
        # Whatever the phone has without that: the driver looks for both in the file, with a tool of the SDK.
        del wanted["appium:appPackage"], wanted["appium:appActivity"]
        async with open_appium_app(server=appium, capabilities=wanted, artifacts=tmp_path) as opened:
            assert opened.session.device.app == "org.example.build"
            # As it was left the last time, it would be its second start.
            await opened.find(by.text(f"{name}, start 1"))

    await play_build("the first", 1)
    await play_build("the next of the same version", 1)
    await play_build("the newest", 7)
    await play_build("one from before", 3)


async def test_a_server_that_crashes_ends_its_session_only(appium: str, phones: StandIns) -> None:
    def crash() -> None:
        with session(appium, capabilities("stand-in-2")) as driver:
            faults = f"{phones.url}/devices/stand-in-2/faults"
            httpx.put(faults, json={"server": "crash"}, headers=phones.headers).raise_for_status()
            # Which of the two it is depends on whether the driver has seen the process end yet.
            with pytest.raises(WebDriverException, match=r"is not running|Could not proxy command"):
                _ = driver.page_source

    await asyncio.to_thread(crash)
    with_another = session(appium, capabilities("stand-in-2"))
    driver = await asyncio.to_thread(with_another.__enter__)
    assert await asyncio.to_thread(by_id, driver, "press")
    await asyncio.to_thread(with_another.__exit__, None, None, None)


async def test_phones_that_go_away_mid_session(sample_app: str) -> None:
    async with running_sample_phone(sample_app) as phones:
        with pytest.MonkeyPatch.context() as environment:
            for name, value in phones.environment.items():
                environment.setenv(name, value)
            async with running_appium("uiautomator2") as server:
                driver = await asyncio.to_thread(
                    webdriver.Remote, server.address, options=options(capabilities())
                )
                phones.process.kill()
                await phones.process.wait()
                with pytest.raises(WebDriverException):
                    await asyncio.to_thread(lambda: driver.page_source)
                # The driver can't put the phone's settings back, and says so.
                with pytest.raises(WebDriverException, match=r"the stand-in at .* is gone"):
                    await asyncio.to_thread(driver.quit)
