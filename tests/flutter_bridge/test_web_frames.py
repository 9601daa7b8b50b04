from __future__ import annotations

import io
import time
from collections.abc import Awaitable, Callable

import pytest
from PIL import Image
from playwright.async_api import Page

from flutter_bridge import AppUnreachable, Frame, Interval, now, wall_offset
from flutter_bridge.frames import ScreenshotFrames
from flutter_bridge.web import SCRIPT, heartbeat_rate, presentation_time
from flutter_bridge.web.screencast import MAX_RATE_HZ, MIN_RATE_HZ, screencast

BLINK = """<body style="margin:0; background:white"><script>
    addEventListener("click", () => { document.body.style.background = "red" });
</script></body>"""


def test_the_browsers_monotonic_clock_is_taken_where_it_is_ours() -> None:
    at = now()
    stamps = {"timestamp": time.time(), "monotonicTimestamp": at}
    assert presentation_time(stamps, wall_offset(), arrived=at - 0.005) == Interval.at(at)


@pytest.mark.parametrize("other", [{}, {"monotonicTimestamp": 5.0}])
def test_else_the_wall_clock_is_converted(other: dict[str, float]) -> None:
    before = now()
    shown = presentation_time({"timestamp": time.time(), **other}, wall_offset(), arrived=before)
    assert before - 0.01 <= shown.low <= shown.high <= now() + 0.01
    assert shown.width == pytest.approx(wall_offset().width, abs=0.001)


@pytest.mark.parametrize("other", [True, False])
def test_a_frame_that_arrives_after_its_stamp_may_have_been_shown_until_then(*, other: bool) -> None:
    """The stamp is when the display was to take the frame; a busy machine's takes it later."""
    at = now()
    stamps = {"timestamp": time.time()} | ({"monotonicTimestamp": at} if other else {})
    shown = presentation_time(stamps, wall_offset(), arrived=at + 0.04)
    assert shown.low <= at + 0.001
    assert shown.high == at + 0.04


@pytest.fixture
async def blinking(page: Page) -> Page:
    await page.set_content(BLINK)
    return page


async def test_a_quiet_page_ticks_and_looks_the_same(blinking: Page) -> None:
    async with screencast(blinking, "the page") as frames:
        seen = [await anext(frames) for _ in range(30)]
    assert [frame.number for frame in seen] == list(range(30))
    # Frames that look alike are the same bytes: nobody has to look twice.
    assert len({id(frame.encoded) for frame in seen[5:]}) == 1
    assert (seen[-1].image.size, seen[-1].scale) == ((400, 300), 1.0)
    assert seen[-1].image.getpixel((399, 299)) == (255, 255, 255)


async def test_no_frame_is_of_what_was_replaced_before_the_watch_began(blinking: Page) -> None:
    """The compositor goes on presenting what it has while something else takes long to be drawn."""
    await blinking.evaluate(
        """() => {
            document.body.style.background = "red";
            for (let number = 0; number < 1500; number += 1) {
                const blurred = document.createElement("div");
                blurred.style.cssText = `position:absolute;left:${number % 97}px;top:${number % 89}px;
                    width:200px;height:90px;border-radius:45px;
                    box-shadow:0 0 ${50 + (number % 17)}px ${number % 7}px #00f1`;
                document.body.append(blurred);
            }
        }"""
    )
    async with screencast(blinking, "the page") as frames:
        seen = [await anext(frames) for _ in range(10)]
    assert not [frame.number for frame in seen if frame.image.getpixel((395, 295)) == (255, 255, 255)]


COUNTING = """<body style="margin:0"><canvas id="bits" width="320" height="300"></canvas><script>
    const drawing = bits.getContext("2d");
    let count = 0;
    const paint = () => {
        count += 1;
        for (let bit = 0; bit < 16; bit += 1) {
            drawing.fillStyle = (count >> bit) & 1 ? "white" : "black";
            drawing.fillRect(bit * 20, 0, 20, 300);
        }
        requestAnimationFrame(paint);
    };
    paint();
</script></body>"""


def number_drawn_in(frame: Frame) -> int:
    bits = (frame.image.getpixel((bit * 20 + 10, 20)) for bit in range(16))
    return sum(1 << bit for bit, pixel in enumerate(bits) if isinstance(pixel, tuple) and pixel[0] > 128)


async def test_stamps_tell_the_order_in_which_frames_were_painted(page: Page) -> None:
    """A busy browser may send a frame after a younger one; sorted by stamp, what they show counts up."""
    await page.set_content(COUNTING)
    async with screencast(page, "the page") as frames:
        seen = [await anext(frames) for _ in range(90)]
    by_stamp = [number_drawn_in(frame) for frame in sorted(seen, key=lambda frame: frame.shown.low)]
    assert by_stamp == sorted(by_stamp)
    assert len(set(by_stamp)) > 60


async def test_a_change_is_stamped_after_what_made_it_and_before_it_was_received(blinking: Page) -> None:
    async with screencast(blinking, "the page") as frames:
        await anext(frames)
        before = now()
        await blinking.mouse.click(10, 10)
        async for frame in frames:
            if frame.image.getpixel((200, 150)) != (255, 255, 255):
                break
        # The stamp is of the display's next tick, which a frame may reach us before.
        assert before < frame.shown.high < now() + 2 / MIN_RATE_HZ


def test_pages_watched_at_once_share_what_the_cores_can_spare() -> None:
    assert [heartbeat_rate(pages, cores=2) for pages in (1, 2, 3, 9)] == [60, 30, 20, MIN_RATE_HZ]
    assert [heartbeat_rate(pages, cores=16) for pages in (1, 8, 16)] == [60, 60, 30]
    assert heartbeat_rate(1, cores=1) == 30
    assert all(
        MIN_RATE_HZ <= heartbeat_rate(pages, cores=cores) <= MAX_RATE_HZ
        for pages in range(1, 40)
        for cores in range(1, 65)
    )


async def test_a_page_beats_faster_once_another_one_is_not_watched_any_more(
    blinking: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flutter_bridge.web.screencast.usable_cores", lambda: 2)

    async def easing(page: Page) -> str:
        said: str = await page.evaluate(
            "() => document.getAnimations().map(one => one.effect.getTiming().easing).join()"
        )
        return said

    another = await blinking.context.new_page()
    await another.add_init_script(SCRIPT)
    await another.goto("about:blank")
    async with screencast(blinking, "the page"):
        alone = await easing(blinking)
        async with screencast(another, "another page"):
            assert [await easing(page) for page in (blinking, another)] == ["steps(30)"] * 2
        assert await easing(blinking) == alone == "linear"
        assert await easing(another) == ""
    assert await easing(blinking) == ""


async def test_the_page_is_left_as_it_was(blinking: Page) -> None:
    before = await blinking.content()
    async with screencast(blinking, "the page") as frames:
        await anext(frames)
        assert "heartbeat" in await blinking.content()
    assert await blinking.content() == before


async def test_the_stream_goes_on_after_a_reload(
    blinking: Page, serve_page: Callable[[str], Awaitable[str]]
) -> None:
    await blinking.goto(await serve_page(BLINK))
    async with screencast(blinking, "the page") as frames:
        await anext(frames)
        await blinking.reload()
        reloaded = now()
        after = 0
        while after < 20:
            after += (await anext(frames)).shown.low > reloaded


async def test_two_may_watch_one_page(blinking: Page) -> None:
    async with screencast(blinking, "the page") as one:
        async with screencast(blinking, "the page") as other:
            await anext(other)
        for _ in range(10):
            await anext(one)


async def test_a_page_that_goes_away_ends_the_stream_with_an_error(blinking: Page) -> None:
    async with screencast(blinking, "the page") as frames:
        await anext(frames)
        await blinking.close()
        with pytest.raises(AppUnreachable, match="went away"):
            async for _ in frames:
                pass


async def test_a_stream_that_was_left_ends(blinking: Page) -> None:
    async with screencast(blinking, "the page") as frames:
        await anext(frames)
    rest = [frame async for frame in frames]
    assert all(frame.number > 0 for frame in rest)


async def test_a_screenshot_was_true_between_its_beginning_and_its_end() -> None:
    begun: list[float] = []

    async def shoot() -> tuple[bytes, float]:
        begun.append(now())
        encoded = io.BytesIO()
        Image.new("RGB", (20, 10)).save(encoded, "PNG")
        return encoded.getvalue(), 2.0

    frames = ScreenshotFrames(shoot)
    first, second = await anext(frames), await anext(frames)
    assert (first.number, second.number, second.scale) == (0, 1, 2.0)
    assert (
        first.shown.low <= begun[0] <= first.shown.high <= second.shown.low <= begun[1] <= second.shown.high
    )
