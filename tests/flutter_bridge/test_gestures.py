"""What fingers, a mouse and keys are made to do on any platform: where, how far, and after which wait."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from flutter_bridge import (
    ActionFailed,
    AppRequest,
    Box,
    BridgeError,
    FlutterApp,
    Interval,
    Node,
    NotFound,
    Role,
    by,
)
from flutter_bridge.gestures import Direction
from flutter_bridge.occlusion import Cover
from flutter_bridge.touch import Stroke
from tests.flutter_bridge.scripted_driver import MOMENT, ScriptedDriver

CARD = Node(Role.BUTTON, "card", "A card", box=Box(50, 100, 300, 100))
PLACE = Node(identifier="place", label="A place", box=Box(100, 220, 40, 40))
THE_CARD, THE_PLACE = by.identifier("card"), by.identifier("place")


@pytest.fixture
def driver(tmp_path: Path) -> ScriptedDriver:
    return ScriptedDriver(tmp_path / "artifacts", (CARD, PLACE))


@pytest.fixture
def app(driver: ScriptedDriver) -> FlutterApp:
    return FlutterApp(driver, target="scripted", links=None, timeout=0.0)


def fingers(driver: ScriptedDriver) -> list[list[Stroke]]:
    """What the fingers did in the one gesture there was."""
    ((kind, done, _),) = (call for call in driver.calls if isinstance(call, tuple))
    assert kind == "touch"
    assert isinstance(done, list)
    return done


def stroke(driver: ScriptedDriver) -> Stroke:
    ((only,),) = fingers(driver)
    return only


ACTIONS: dict[str, Callable[[FlutterApp], Awaitable[Interval]]] = {
    "long press": lambda app: app.long_press(THE_CARD),
    "double tap": lambda app: app.double_tap(THE_CARD),
    "drag": lambda app: app.drag(THE_CARD, to=THE_PLACE),
    "drop": lambda app: app.drag(THE_PLACE, to=THE_CARD),
    "swipe": lambda app: app.swipe(THE_CARD, "left"),
    "pinch": lambda app: app.pinch(THE_CARD, scale=2),
}


@pytest.mark.parametrize("action", ACTIONS.values(), ids=list(ACTIONS))
async def test_each_gesture_returns_when_the_app_received_it(
    app: FlutterApp, action: Callable[[FlutterApp], Awaitable[Interval]]
) -> None:
    assert await action(app) == MOMENT


@pytest.mark.parametrize("action", ACTIONS.values(), ids=list(ACTIONS))
@pytest.mark.parametrize(
    ("card", "why"),
    [
        (None, "is not on screen"),
        (replace(CARD, visible=False), "is there, but out of sight"),
        (replace(CARD, enabled=False), "is disabled"),
    ],
)
async def test_each_gesture_waits_until_its_node_is_there_and_enabled(
    driver: ScriptedDriver,
    app: FlutterApp,
    action: Callable[[FlutterApp], Awaitable[Interval]],
    card: Node | None,
    why: str,
) -> None:
    driver.screens = [(PLACE,) if card is None else (card, PLACE)]
    with pytest.raises(NotFound, match=f'by.identifier."card". {why}'):
        await action(app)
    assert not [call for call in driver.calls if isinstance(call, tuple)]


@pytest.mark.parametrize("action", ACTIONS.values(), ids=list(ACTIONS))
@pytest.mark.parametrize(
    ("spot", "why"), [(None, "doesn't come to rest"), (Cover("a banner"), "is covered by a banner")]
)
async def test_each_gesture_waits_until_its_node_rests_and_is_free(
    driver: ScriptedDriver,
    app: FlutterApp,
    action: Callable[[FlutterApp], Awaitable[Interval]],
    spot: Cover | None,
    why: str,
) -> None:
    driver.spots = [spot] * 2
    with pytest.raises(NotFound, match=f"{why} .*; screenshot: "):
        await action(app)
    assert not [call for call in driver.calls if isinstance(call, tuple)]


@pytest.mark.parametrize("action", ACTIONS.values(), ids=list(ACTIONS))
async def test_a_gesture_that_something_else_got_fails(
    driver: ScriptedDriver, app: FlutterApp, action: Callable[[FlutterApp], Awaitable[Interval]]
) -> None:
    driver.taken_by = "<div>"
    with pytest.raises(ActionFailed, match="didn't get the touch: <div> came over it, and did; screenshot: "):
        await action(app)


@dataclass
class Listener:
    """Who hears of actions."""

    driver: ScriptedDriver
    heard: list[object] = field(default_factory=list)

    async def before_action(self, action: str) -> None:
        assert not self.driver.calls
        self.heard.append(action)

    def action_received(self, action: str, received: Interval) -> None:
        self.heard += [action, received]

    def request_answered(self, request: AppRequest) -> None:
        self.heard.append(request)


@pytest.mark.parametrize("action", ACTIONS.values(), ids=list(ACTIONS))
async def test_each_gesture_is_told_to_who_listens_before_it_is_done_and_after(
    driver: ScriptedDriver, app: FlutterApp, action: Callable[[FlutterApp], Awaitable[Interval]]
) -> None:
    app.listener = listener = Listener(driver)
    await action(app)
    words, again, received = listener.heard
    assert words == again
    assert re.fullmatch(r"[a-z -]+ by\.identifier\(.*\)", str(words))
    assert received == MOMENT


async def test_a_long_press_stays_down_for_longer_than_flutter_waits(
    driver: ScriptedDriver, app: FlutterApp
) -> None:
    await app.long_press(THE_CARD)
    held = stroke(driver)
    assert held.start == (200, 150)
    assert [move.to for move in held.moves] == [(200, 150)]
    assert sum(move.seconds for move in held.moves) > 0.5


async def test_a_double_tap_is_as_quick_as_flutter_wants_it(driver: ScriptedDriver, app: FlutterApp) -> None:
    await app.double_tap(THE_CARD)
    ((first, second),) = fingers(driver)
    assert first.start == second.start == (200, 150)
    down = sum(move.seconds for move in first.moves)
    assert down + second.after > 0.04
    assert second.after < 0.3


async def test_a_drag_ends_at_rest_in_the_middle_of_where_it_goes(
    driver: ScriptedDriver, app: FlutterApp
) -> None:
    await app.drag(THE_CARD, to=THE_PLACE)
    dragged = stroke(driver)
    assert dragged.start == (200, 150)
    assert [move.to for move in dragged.moves][-2:] == [(120, 240), (120, 240)]


async def test_what_is_dragged_after_a_long_press_is_held_before_it_is_moved(
    driver: ScriptedDriver, app: FlutterApp
) -> None:
    await app.drag(THE_CARD, to=THE_PLACE, after_long_press=True)
    dragged = stroke(driver)
    assert dragged.moves[0].to == dragged.start
    assert dragged.moves[0].seconds > 0.5
    assert dragged.moves[-1].to == (120, 240)


@pytest.mark.parametrize(
    ("direction", "start", "end"),
    [
        ("left", (320, 150), (80, 150)),
        ("right", (80, 150), (320, 150)),
        # Further than a card of 100 is high.
        ("up", (200, 190), (200, 40)),
        ("down", (200, 110), (200, 260)),
    ],
)
async def test_a_swipe_goes_from_near_one_edge_to_near_the_other(
    driver: ScriptedDriver,
    app: FlutterApp,
    direction: Direction,
    start: tuple[float, float],
    end: tuple[float, float],
) -> None:
    await app.swipe(THE_CARD, direction)
    swiped = stroke(driver)
    assert swiped.start == pytest.approx(start)
    assert swiped.moves[-1].to == pytest.approx(end)


async def test_a_swipe_stays_off_the_edge_of_the_screen(driver: ScriptedDriver, app: FlutterApp) -> None:
    driver.screens = [(replace(CARD, box=Box(0, 250, 400, 50)),)]
    await app.swipe(THE_CARD, "down")
    assert stroke(driver).moves[-1].to == pytest.approx((200, 270))


@pytest.mark.parametrize(
    ("direction", "box", "start"),
    [
        ("right", Box(0, 100, 150, 100), (30, 150)),
        ("left", Box(250, 100, 150, 100), (370, 150)),
        ("up", Box(100, 200, 200, 100), (200, 270)),
        ("down", Box(100, 0, 200, 100), (200, 30)),
        ("right", Box(0, 100, 20, 100), (2, 150)),
    ],
    ids=["left edge", "right edge", "lower edge", "upper edge", "nowhere else"],
)
async def test_a_swipe_begins_off_the_edge_where_it_would_be_the_system_s(
    driver: ScriptedDriver, app: FlutterApp, direction: Direction, box: Box, start: tuple[float, float]
) -> None:
    driver.screens = [(replace(CARD, box=box),)]
    await app.swipe(THE_CARD, direction)
    assert stroke(driver).start == pytest.approx(start)


async def test_a_swipe_goes_one_of_four_ways(app: FlutterApp) -> None:
    with pytest.raises(ActionFailed, match="a swipe goes left or right or up or down, not 'sideways'"):
        await app.swipe(THE_CARD, "sideways")  # type: ignore[arg-type]  # what is wrong here


@pytest.mark.parametrize("scale", [2.0, 3.5, 0.5, 0.25])
async def test_a_pinch_moves_two_fingers_apart_or_together_on_the_node(
    driver: ScriptedDriver, app: FlutterApp, scale: float
) -> None:
    await app.pinch(THE_CARD, scale=scale)
    ((one,), (other,)) = fingers(driver)
    begun, end = (
        abs(left[0] - right[0])
        for left, right in ((one.start, other.start), (one.moves[-1].to, other.moves[-1].to))
    )
    assert end / begun == pytest.approx(scale)
    for finger in (one, other):
        for x, y in (finger.start, *(move.to for move in finger.moves)):
            assert 50 <= x <= 350
            assert y == 150


async def test_fingers_keep_time_with_each_other(driver: ScriptedDriver, app: FlutterApp) -> None:
    await app.pinch(THE_CARD, scale=2)
    one, other = fingers(driver)
    assert [move.seconds for stroke in one for move in stroke.moves] == [
        move.seconds for stroke in other for move in stroke.moves
    ]


@pytest.mark.parametrize("scale", [9.0, 0.05])
async def test_what_is_too_small_to_pinch_so_far_is_reported(app: FlutterApp, scale: float) -> None:
    with pytest.raises(ActionFailed, match="has no room for two fingers to pinch it by"):
        await app.pinch(THE_CARD, scale=scale)


@pytest.mark.parametrize("scale", [1.0, 0.0, -2.0, float("inf"), float("nan")])
async def test_a_pinch_has_a_scale(app: FlutterApp, scale: float) -> None:
    with pytest.raises(ActionFailed, match="moved apart by a scale above 1"):
        await app.pinch(THE_CARD, scale=scale)


async def test_swipes_and_pinches_are_a_fingers_everywhere(driver: ScriptedDriver, app: FlutterApp) -> None:
    for action in ACTIONS.values():
        await action(app)
    on_screen = [call[2] for call in driver.calls if isinstance(call, tuple)]
    assert on_screen == [False, False, False, False, True, True]


async def test_what_is_touched_has_no_pointer_to_hover_with(app: FlutterApp) -> None:
    with pytest.raises(
        ActionFailed, match="can't be hovered over: a touch screen has no pointer; screenshot: "
    ):
        await app.hover(THE_CARD)


async def test_a_key_is_pressed_for_whatever_has_the_focus(driver: ScriptedDriver, app: FlutterApp) -> None:
    assert await app.press_key("Control+Shift+T") == MOMENT
    assert driver.calls == [("press", "Control+Shift+t")]


async def test_a_key_that_nobody_knows_is_reported_with_the_nearest(
    driver: ScriptedDriver, app: FlutterApp
) -> None:
    with pytest.raises(ActionFailed, match='no key is called "Entre": is Enter meant'):
        await app.press_key("Entre")
    assert driver.calls == []


async def test_a_platform_without_keys_says_so(driver: ScriptedDriver, app: FlutterApp) -> None:
    driver.refuses = "this device has no hardware keyboard"
    with pytest.raises(BridgeError, match="'Enter' can't be pressed on scripted 1: this device has no hard"):
        await app.press_key("Enter")
