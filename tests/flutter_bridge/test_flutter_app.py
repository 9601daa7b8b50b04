"""What `FlutterApp` makes of a driver's answers, without a browser or a device."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flutter_bridge import ActionFailed, AppUnreachable, BridgeError, FlutterApp, Node, by
from flutter_bridge.driver import EntryAttempt
from flutter_bridge.errors import PickerMissing, PickerStuck
from flutter_bridge.evidence import HIDDEN
from flutter_bridge.occlusion import KEYBOARD, Cover
from flutter_bridge.text import TextEntry
from tests.flutter_bridge.scripted_driver import BUTTON, FIELD, MOMENT, ScriptedDriver


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


async def test_a_tap_that_nothing_got_is_not_the_apps_failure(
    driver: ScriptedDriver, app: FlutterApp
) -> None:
    driver.taken_by = ""
    with pytest.raises(
        AppUnreachable, match=r"didn't get the tap, nor did anything else: .* kept it from the"
    ):
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
