"""What `FlutterApp` makes of a driver's answers, without a browser or a device."""

# ruff: noqa: ARG002 - a driver is asked for more than these tests need

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from flutter_bridge import (
    ActionFailed,
    Box,
    BridgeError,
    FlutterApp,
    FrameSource,
    Interval,
    Node,
    Role,
    Tree,
    by,
)
from flutter_bridge.driver import Driver, EntryAttempt, Reading
from flutter_bridge.errors import PickerMissing, PickerStuck
from flutter_bridge.evidence import HIDDEN
from flutter_bridge.finders import Finder
from flutter_bridge.occlusion import KEYBOARD, Cover, Point
from flutter_bridge.text import TextEntry

SCREEN = Box(0, 0, 400, 300)
BUTTON = Node(Role.BUTTON, "press", "Press me", box=Box(0, 0, 100, 40))
FIELD = Node(Role.TEXT_FIELD, "name", box=Box(0, 50, 100, 40), obscured=True)
MOMENT = Interval(1, 2)


class ScriptedDriver(Driver):
    """Shows one screen after the other, the last one for good; `calls` is what it was asked for."""

    renderer, log_name = "scripted 1", "log"

    def __init__(self, folder: Path, *screens: tuple[Node, ...]) -> None:
        super().__init__(artifacts=folder, target="scripted")
        self.screens = list(screens or [(BUTTON, FIELD)])
        self.spots: list[Point | Cover | None] = []
        self.taken_by: str | None = None
        self.entered: list[EntryAttempt | None] = []
        self.picker: BridgeError | None = None
        self.calls: list[object] = []

    async def start(self, address: str | None) -> None:
        self.calls.append(("start", address))

    async def open(self, address: str) -> None:
        self.calls.append(("open", address))

    async def restart(self, address: str | None) -> None:
        self.calls.append(("restart", address))

    async def back(self) -> bool:
        return False

    async def check_in_front(self, reading: Reading) -> None:
        self.calls.append("check in front")

    async def read(self) -> Reading:
        screen = self.screens.pop(0) if len(self.screens) > 1 else self.screens[0]
        return Reading(tree=Tree(Node(children=screen), SCREEN), version=len(self.screens))

    async def read_changed(self, after: int = -1, seconds: float = 0.0) -> Reading:
        return await self.read()

    async def readings(self, seconds: float) -> AsyncGenerator[Reading, None]:
        for _ in range(len(self.screens)):
            yield await self.read()

    async def aim(
        self,
        node: Node,
        reading: Reading,
        before: Reading | None,
        *,
        typing: bool,
        until: float,
    ) -> Point | Cover | None:
        return self.spots.pop(0) if self.spots else node.box.centre

    async def tap(self, point: Point) -> Interval:
        self.calls.append(("tap", point))
        return MOMENT

    async def tap_interceptor(self, point: Point) -> str | None:
        return self.taken_by

    async def hide_keyboard(self) -> None:
        self.calls.append("hide keyboard")

    async def enter(
        self,
        finder: Finder,
        field: Node,
        entry: TextEntry,
        *,
        until: float,
    ) -> EntryAttempt | None:
        self.calls.append(("enter", entry.text))
        return self.entered.pop(0)

    async def choose_file(
        self,
        open_picker: Callable[[], Awaitable[object]],
        file: Path,
        seconds: float,
    ) -> Interval:
        await open_picker()
        if self.picker is not None:
            raise self.picker
        return MOMENT

    async def scroll(self, pane: Box, right: float, down: float) -> Reading:
        return await self.read()

    async def shoot(self) -> tuple[bytes, float]:
        return b"a picture", 1.0

    def frames(self) -> AbstractAsyncContextManager[FrameSource]:
        raise NotImplementedError

    async def shoot_for_evidence(self) -> bytes | None:
        raise BridgeError("this screen must not be photographed")

    async def log(self, *, since: float) -> Iterable[str]:
        return ["typed hunter2000"]

    async def close(self) -> None:
        self.calls.append("close")


@pytest.fixture
def driver(tmp_path: Path) -> ScriptedDriver:
    return ScriptedDriver(tmp_path / "artifacts")


@pytest.fixture
def app(driver: ScriptedDriver) -> FlutterApp:
    return FlutterApp(driver, target="scripted", links="app://open", timeout=0.0)


PRESS, NAME = by.identifier("press"), by.identifier("name")
CENTRE = ("tap", BUTTON.box.centre)


async def test_a_node_is_found_on_the_first_screen_that_shows_it(
    driver: ScriptedDriver, app: FlutterApp
) -> None:
    driver.screens = [(), (replace(BUTTON, visible=False),), (BUTTON,)]
    assert await app.find(PRESS) is BUTTON


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        ((), "is not on screen"),
        ((replace(BUTTON, enabled=False),), "is disabled"),
        ((replace(BUTTON, visible=False),), "is there, but out of sight"),
    ],
)
async def test_a_vain_wait_says_why_and_where_its_picture_is(
    driver: ScriptedDriver, app: FlutterApp, tmp_path: Path, seen: tuple[Node, ...], why: str
) -> None:
    driver.screens = [seen]
    with pytest.raises(BridgeError, match=f"{why} .*; screenshot: {tmp_path}/artifacts/scripted-1.png"):
        await app.tap(PRESS)
    # Another app may be in front only where nothing of ours is seen.
    assert driver.calls == ([] if seen else ["check in front"])


async def test_what_moves_or_is_covered_is_aimed_at_again(driver: ScriptedDriver, app: FlutterApp) -> None:
    driver.spots = [None]
    assert await app.tap(PRESS) == MOMENT
    assert driver.calls == [CENTRE]
    driver.spots = [None, None]
    with pytest.raises(BridgeError, match="doesn't come to rest"):
        await app.tap(PRESS)
    driver.spots = [None, Cover('button "Above"')]
    with pytest.raises(BridgeError, match='is covered by button "Above"'):
        await app.tap(PRESS)


async def test_a_keyboard_in_the_way_is_hidden_once(driver: ScriptedDriver, app: FlutterApp) -> None:
    driver.spots = [KEYBOARD]
    await app.tap(PRESS)
    assert driver.calls == ["hide keyboard", CENTRE]
    driver.spots = [KEYBOARD, KEYBOARD]
    with pytest.raises(BridgeError, match="is covered by the keyboard"):
        await app.tap(PRESS)


async def test_a_tap_that_something_else_got_fails(driver: ScriptedDriver, app: FlutterApp) -> None:
    driver.taken_by = "<div>"
    with pytest.raises(ActionFailed, match="didn't get the tap: <div> came over it, and did; screenshot: "):
        await app.tap(PRESS)


async def test_a_text_is_entered_until_the_field_keeps_it(driver: ScriptedDriver) -> None:
    app = FlutterApp(driver, target="scripted", links=None, timeout=5.0)
    driver.entered = [None, EntryAttempt(MOMENT, "", None), EntryAttempt(MOMENT, "old", "Ada")]
    assert await app.enter_text(NAME, "Ada") == MOMENT
    tap = ("tap", FIELD.box.centre)
    assert driver.calls == [tap, ("enter", "Ada")] * 3


@pytest.mark.parametrize(
    ("entered", "why"),
    [
        (None, "didn't take the focus when tapped"),
        (EntryAttempt(MOMENT, "", None), "doesn't keep the text entered"),
        (EntryAttempt(MOMENT, "old", "old"), "doesn't keep the text entered"),
    ],
)
async def test_a_field_that_does_not_take_a_text_says_why(
    driver: ScriptedDriver, app: FlutterApp, entered: EntryAttempt | None, why: str
) -> None:
    driver.entered = [entered]
    with pytest.raises(ActionFailed, match=f'by.identifier."name". {why}; screenshot: '):
        await app.enter_text(NAME, "Ada")


async def test_a_field_with_the_focus_needs_no_tap(driver: ScriptedDriver, app: FlutterApp) -> None:
    driver.screens = [(replace(FIELD, focused=True),)]
    driver.spots = [Cover("a banner")]
    driver.entered = [EntryAttempt(MOMENT, "", "•••", as_bullets=True)]
    await app.enter_text(NAME, "Ada")
    assert driver.calls == [("enter", "Ada")]


@pytest.mark.parametrize(
    ("picker", "why"),
    [
        (PickerMissing(), r"opened no file chooser within 0\.0 s"),
        (PickerStuck("it stays open"), "opened a picker that can't be driven: it stays open"),
    ],
)
async def test_a_picker_that_is_not_there_or_stuck_is_reported(
    driver: ScriptedDriver, app: FlutterApp, tmp_path: Path, picker: BridgeError, why: str
) -> None:
    file = tmp_path / "picked.txt"
    file.touch()
    driver.picker = picker
    with pytest.raises(ActionFailed, match=why):
        await app.choose_file(PRESS, file)


async def test_a_restart_leads_where_the_last_link_led(driver: ScriptedDriver, app: FlutterApp) -> None:
    await app.start("/")
    await app.restart()
    await app.open("/people/42")
    await app.restart()
    place = "app://open/people/42"
    assert driver.calls == [("start", None), ("restart", None), ("open", place), ("restart", place)]
    with pytest.raises(ActionFailed, match="nothing to go back to"):
        await app.back()


async def test_an_app_without_links_says_so(driver: ScriptedDriver) -> None:
    app = FlutterApp(driver, target="scripted", links=None, timeout=0.0)
    with pytest.raises(BridgeError, match="scripted has no deep links to open /people/42 by"):
        await app.open("/people/42")


async def test_evidence_is_what_can_be_had_without_secrets_until_the_app_is_closed(
    driver: ScriptedDriver, app: FlutterApp, tmp_path: Path
) -> None:
    driver.entered = [EntryAttempt(MOMENT, "", "hunter2000")]
    await app.enter_text(NAME, "hunter2000")
    await app.keep_evidence(tmp_path / "kept", "alice")
    assert [file.name for file in (tmp_path / "kept").iterdir()] == ["alice-log.log"]
    assert (tmp_path / "kept" / "alice-log.log").read_text() == f"typed {HIDDEN}\n"
    await app.close()
    await app.close()
    assert driver.calls.count("close") == 1
    await app.keep_evidence(tmp_path / "later", "alice")
    assert not (tmp_path / "later").exists()


def test_a_refusal_says_what_the_field_kept_before_it_was_cleared() -> None:
    entry = TextEntry("letters", shows="letters")
    assert not entry.is_taken("let", "let")
    assert entry.text == ""
    assert not entry.is_taken("let", "")
    assert entry.refusal(secret=False) == 'doesn\'t keep the text entered, it says "let"'
    assert entry.refusal(secret=True) == "doesn't keep the text entered"
