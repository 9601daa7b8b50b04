"""Gestures on a page that has no touch screen: what the page is told of them."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page

from flutter_bridge.touch import Finger, Move, Stroke, double_tap, drag, tap
from flutter_bridge.web.touchscreen import Hand

TELLS = """<body style='margin:0; touch-action:none'><div style='height:300px'></div><script>
    const told = [];
    for (const name of ["down", "move", "up", "cancel"]) {
        addEventListener(`pointer${name}`, (event) => {
            const { pointerType, clientX, clientY } = event;
            told.push([pointerType, name, Math.round(clientX), Math.round(clientY), event.pointerId]);
        });
    }
    addEventListener("dblclick", () => told.push(["mouse", "double", 0, 0, 0]));
</script></body>"""

Told = list[tuple[str, str, int, int, int]]


@pytest.fixture
async def hand(page: Page) -> Hand:
    await page.set_content(TELLS)
    return Hand(page)


async def read_touches(page: Page) -> Told:
    return [tuple(each) for each in await page.evaluate("told")]


async def test_a_finger_is_a_finger_where_people_have_a_mouse(page: Page, hand: Hand) -> None:
    await hand.do([[drag((50, 50), (50, 150))]], by_touch=True)
    first, *way, last = await read_touches(page)
    assert first[:4] == ("touch", "down", 50, 50)
    assert last[:4] == ("touch", "up", 50, 150)
    assert {event[:2] for event in way} == {("touch", "move")}
    downwards = [event[3] for event in way]
    assert downwards == sorted(downwards)
    # Not in one jump.
    assert len(set(downwards)) > 5


async def test_two_fingers_are_down_at_once(page: Page, hand: Hand) -> None:
    fingers: list[Finger] = [
        [Stroke((100, 100), (Move((50, 100), 0.1),))],
        [Stroke((200, 100), (Move((250, 100), 0.1),))],
    ]
    await hand.do(fingers, by_touch=True)
    events = await read_touches(page)
    assert [event[1] for event in events[:2]] == ["down", "down"]
    assert [event[1] for event in events[-2:]] == ["up", "up"]
    ends = {event[4]: event[2] for event in events if event[1] == "up"}
    assert sorted(ends.values()) == [50, 250]


async def test_a_mouse_does_the_same_with_its_button_held(page: Page, hand: Hand) -> None:
    await hand.do([[drag((50, 50), (50, 150))]], by_touch=False)
    events = [event for event in await read_touches(page) if event[1] != "move"]
    assert [event[:4] for event in events] == [("mouse", "down", 50, 50), ("mouse", "up", 50, 150)]


async def test_a_double_tap_is_a_double_click(page: Page, hand: Hand) -> None:
    await hand.do([double_tap((60, 60))], by_touch=False)
    assert [event[1] for event in await read_touches(page) if event[1] != "move"] == [
        "down",
        "up",
        "down",
        "up",
        "double",
    ]


@pytest.mark.parametrize("by_touch", [True, False])
async def test_a_gesture_that_is_broken_off_leaves_nothing_down(
    page: Page, hand: Hand, by_touch: bool
) -> None:
    doing = asyncio.ensure_future(hand.do([[tap((60, 60), seconds=60)]], by_touch=by_touch))
    while not any(event[1] == "down" for event in await read_touches(page)):
        assert not doing.done()
    doing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doing
    assert (await read_touches(page))[-1][1] in {"up", "cancel"}
