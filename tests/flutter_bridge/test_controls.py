"""What controls are made to do that take more than one touch, whatever the platform."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flutter_bridge import ActionFailed, Box, FlutterApp, Node, NotFound, Role, by
from tests.flutter_bridge.scripted_driver import MOMENT, ScriptedDriver

OPENER = Node(Role.BUTTON, "colour", "Red", box=Box(0, 0, 100, 40))
RED = Node(Role.MENU_ITEM, label="Red", box=Box(0, 40, 100, 40))
BLUE = Node(Role.MENU_ITEM, label="Blue", box=Box(0, 80, 100, 40))
FIELD = Node(Role.TEXT_FIELD, "note", box=Box(0, 150, 100, 40))
SLIDER = Node(Role.SLIDER, "level", value="40%", box=Box(100, 200, 48, 48))
COLOUR, NOTE, LEVEL = by.identifier("colour"), by.identifier("note"), by.identifier("level")


@pytest.fixture
def driver(tmp_path: Path) -> ScriptedDriver:
    return ScriptedDriver(tmp_path / "artifacts", (OPENER,))


@pytest.fixture
def app(driver: ScriptedDriver) -> FlutterApp:
    return FlutterApp(driver, target="scripted", links=None, timeout=0.0)


async def test_an_option_is_tapped_once_it_is_there(driver: ScriptedDriver, app: FlutterApp) -> None:
    driver.screens = [(OPENER,), (OPENER,), (OPENER,), (OPENER, RED, BLUE)]
    assert await app.choose(COLOUR, "Blue") == MOMENT
    assert driver.calls == [("tap", OPENER.box.centre), ("tap", BLUE.box.centre)]


@pytest.mark.parametrize(
    "opener",
    [
        OPENER,
        replace(OPENER, label="Colour", children=(Node(Role.TEXT, label="Red", box=OPENER.box),)),
        Node(Role.GROUP, label="Red", box=OPENER.box, children=(replace(OPENER, label="Colour"),)),
    ],
    ids=["itself", "what is in it", "what is around it"],
)
async def test_what_opened_a_menu_is_no_option_of_it(
    driver: ScriptedDriver, app: FlutterApp, opener: Node
) -> None:
    driver.screens = [(opener,), (opener,), (opener,), (opener, RED, BLUE)]
    await app.choose(COLOUR, "Red")
    assert driver.calls[-1] == ("tap", RED.box.centre)


async def test_an_option_goes_before_what_only_says_the_same(driver: ScriptedDriver, app: FlutterApp) -> None:
    text = Node(Role.TEXT, label="Blue", box=Box(200, 0, 100, 40))
    for screen in ((OPENER, text, BLUE), (OPENER, BLUE, text)):
        driver.screens = [(OPENER, text), (OPENER, text), screen]
        await app.choose(COLOUR, "Blue")
        assert driver.calls[-1] == ("tap", BLUE.box.centre)


async def test_an_option_may_be_any_finder(driver: ScriptedDriver, app: FlutterApp) -> None:
    driver.screens = [(OPENER,), (OPENER,), (OPENER, RED, BLUE)]
    await app.choose(COLOUR, by.role(Role.MENU_ITEM).nth(1))
    assert driver.calls[-1] == ("tap", BLUE.box.centre)


async def test_a_long_menu_is_scrolled(driver: ScriptedDriver, app: FlutterApp) -> None:
    def menu(*items: Node) -> Node:
        return Node(Role.SCROLLABLE, box=Box(0, 40, 100, 80), scrolls="vertical", children=items)

    driver.screens = [(OPENER,), (OPENER,), (OPENER, menu(RED)), (OPENER, menu(RED)), (OPENER, menu(BLUE))]
    await app.choose(COLOUR, "Blue", timeout=5.0)
    assert driver.calls[-1] == ("tap", BLUE.box.centre)


async def test_a_choice_is_over_once_its_menu_is_gone(driver: ScriptedDriver, app: FlutterApp) -> None:
    says_the_same = Node(Role.TEXT, label="Blue", box=Box(200, 0, 100, 40))
    opened = (OPENER, says_the_same, RED, BLUE)
    driver.screens = [(OPENER, says_the_same)] * 2 + [opened] * 5 + [(OPENER, says_the_same), ()]
    assert await app.choose(COLOUR, "Blue") == MOMENT
    assert driver.screens == [()]


async def test_a_menu_that_stays_open_is_waited_for_no_longer(
    driver: ScriptedDriver, app: FlutterApp
) -> None:
    driver.screens = [(OPENER,), (OPENER,), (OPENER, RED, BLUE)]
    assert await app.choose(COLOUR, "Blue") == MOMENT


async def test_a_menu_without_the_option_is_reported(driver: ScriptedDriver, app: FlutterApp) -> None:
    driver.screens = [(OPENER,), (OPENER,), (OPENER, RED)]
    with pytest.raises(
        NotFound, match=r'by.text\("Blue"\) is no option that by.identifier\("colour"\) opened'
    ):
        await app.choose(COLOUR, "Blue")


async def test_a_slider_that_says_what_was_wanted_is_set(driver: ScriptedDriver, app: FlutterApp) -> None:
    driver.screens = [(SLIDER,), (SLIDER,), (SLIDER,), (replace(SLIDER, value="75%"),)]
    assert await app.set_slider(LEVEL, 75) == MOMENT
    ((kind, ((stroke,),), _),) = (call for call in driver.calls if isinstance(call, tuple))
    assert kind == "touch"
    assert stroke.start == SLIDER.box.centre
    assert stroke.moves[-1].to[0] > SLIDER.box.centre[0]


@pytest.mark.parametrize(("value", "why"), [(60, 'it says "40%"'), ("loud", "there is no number in it")])
async def test_a_slider_that_does_not_take_a_value_is_reported(
    driver: ScriptedDriver, app: FlutterApp, value: int | str, why: str
) -> None:
    driver.screens = [(SLIDER,)]
    with pytest.raises(ActionFailed, match=f"can't be set to {value!r}: {why}"):
        await app.set_slider(LEVEL, value)


async def test_what_is_no_slider_is_not_set(driver: ScriptedDriver, app: FlutterApp) -> None:
    with pytest.raises(ActionFailed, match="is a button, not a slider"):
        await app.set_slider(COLOUR, 5)


async def test_the_text_of_a_field_is_copied_by_its_shortcuts(
    driver: ScriptedDriver, app: FlutterApp
) -> None:
    focused = replace(FIELD, focused=True)
    driver.screens = [(FIELD,), (focused,)]
    assert await app.copy(NOTE) == MOMENT
    assert driver.calls == [
        ("tap", FIELD.box.centre),
        ("press", "ControlOrMeta+a"),
        ("press", "ControlOrMeta+c"),
    ]


async def test_a_field_that_has_the_focus_needs_no_tap(driver: ScriptedDriver, app: FlutterApp) -> None:
    driver.screens = [(replace(FIELD, focused=True),)]
    await app.paste(NOTE)
    await app.select_all(NOTE)
    assert driver.calls == [("press", "ControlOrMeta+v"), ("press", "ControlOrMeta+a")]


async def test_a_field_that_takes_no_focus_is_reported(driver: ScriptedDriver, app: FlutterApp) -> None:
    driver.screens = [(FIELD,)]
    with pytest.raises(ActionFailed, match="didn't take the focus when tapped"):
        await app.paste(NOTE)
