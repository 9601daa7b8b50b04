"""What a stand-in's phone shows: read, photographed, turned."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.async_api import BrowserContext

from fake_android.camera import Camera
from fake_android.window import IDLE_MS, add_scripts, user_agent
from tests.fake_android.hand import Hand
from tests.fake_android.stand_in_process import PACKAGE


def picture(encoded: bytes) -> Image.Image:
    with Image.open(io.BytesIO(encoded)) as opened:
        return opened.convert("RGB")


async def test_an_app_is_read_as_android_reads_it(hand: Hand) -> None:
    button = next(node for node in (await hand.named("press")).walk() if node.clickable)
    assert (button.class_name, button.package) == ("android.widget.Button", PACKAGE)
    assert (await hand.phone.window()).bounds.right == hand.phone.size[0] == 824


async def test_a_picture_has_physical_pixels(hand: Hand) -> None:
    assert hand.phone.size == (824, 1830)
    assert picture(await hand.phone.screenshot()).size == (824, 1830)


@pytest.mark.parametrize(
    ("scale", "size"), [(1.0, (824, 1830)), (0.75, (618, 1372)), (0.5, (412, 915)), (0.25, (206, 458))]
)
async def test_a_jpeg_has_the_size_asked_for(hand: Hand, scale: float, size: tuple[int, int]) -> None:
    assert picture(await hand.phone.jpeg(quality=50, scale=scale)).size == size


async def test_a_jpeg_shows_what_was_pressed(hand: Hand) -> None:
    lamp = (await hand.named("lamp")).bounds.centre
    await hand.tap(await hand.named("press"))
    await hand.reads("Pressed 1 times")
    async with asyncio.timeout(10):
        while picture(await hand.phone.jpeg(quality=90, scale=1.0)).getpixel(lamp) != (0, 255, 1):
            pass


async def test_a_turned_phone_is_as_wide_as_it_was_high(hand: Hand) -> None:
    await hand.phone.rotate(90)
    assert hand.phone.rotation == 90
    assert hand.phone.size == (1830, 824)
    assert picture(await hand.phone.screenshot()).size == (1830, 824)
    root = await hand.phone.window()
    assert (root.bounds.right, root.bounds.bottom) == (1830, 824)
    await hand.phone.press_key(3)
    assert picture(await hand.phone.screenshot()).size == (1830, 824)
    await hand.phone.rotate(180)
    assert hand.phone.size == (824, 1830)


@pytest.fixture
async def camera(new_context: Callable[..., Awaitable[BrowserContext]]) -> Any:
    context = await new_context(viewport={"width": 120, "height": 80})
    await add_scripts(context)
    page = await context.new_page()
    await page.set_content("<!doctype html><body>")
    # A new window has its size once it has been drawn in it.
    await page.evaluate("__standin.drawn()")
    camera = Camera(page, pixel_ratio=1.0)
    yield camera, page
    await camera.close()


COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)]


async def test_a_frame_is_no_older_than_the_question(camera: Any) -> None:
    taken, page = camera
    for red, green, blue in COLOURS * 4:
        await page.evaluate(
            "colour => { document.body.style.background = colour }", f"rgb({red} {green} {blue})"
        )
        # Presented: what is asked for after this has to show it.
        await page.evaluate("__standin.drawn()")
        seen = picture(await taken.jpeg(quality=90, scale=1.0))
        # JPEG is a step or two off.
        assert np.abs(np.asarray(seen, dtype=int) - (red, green, blue)).max() < 8


async def test_a_page_that_rests_gives_frames_all_the_same(camera: Any) -> None:
    taken, page = camera
    changes = await page.evaluate("__flutterBridge.now()")
    frames = [await taken.jpeg(quality=90, scale=1.0) for _ in range(5)]
    assert {picture(frame).size for frame in frames} == {(120, 80)}
    # One element was added for it, once.
    assert await page.evaluate("__flutterBridge.now()") <= changes + 1


# On the page's own clock, which a busy machine holds up for both alike.
STEPS = f"""async () => {{
    let steps = 0;
    const step = () => {{
        document.body.textContent = ++steps;
        if (steps < 4) setTimeout(step, {0.6 * IDLE_MS});
    }};
    step();
    await __standin.calm({IDLE_MS}, 20 * {IDLE_MS});
    return steps;
}}"""


async def test_a_quiet_phone_has_not_changed_for_a_while(camera: Any) -> None:
    _, page = camera
    assert await page.evaluate(STEPS) == 4


def test_a_phone_says_that_it_is_one() -> None:
    assert user_agent("139.0.7258.5", 34) == (
        "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/139.0.0.0 Mobile Safari/537.36"
    )
