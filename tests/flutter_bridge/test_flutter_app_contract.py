"""What every `FlutterApp` does, shown on the sample app; a new platform adds itself to `app`."""

from __future__ import annotations

import asyncio
import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from flutter_bridge import ActionFailed, Box, FlutterApp, NotFound, Role, by, now
from flutter_bridge.gestures import Direction


@pytest.fixture(
    params=[
        # Each in one process only: it takes a page of its own, or an Appium and a device.
        pytest.param("web_app", marks=pytest.mark.xdist_group("web")),
        pytest.param("mobile_web_app", marks=pytest.mark.xdist_group("mobile-web")),
        pytest.param("android_app", marks=pytest.mark.xdist_group("android")),
    ]
)
def opened(request: pytest.FixtureRequest) -> FlutterApp:
    one: FlutterApp = request.getfixturevalue(request.param)
    return one


@pytest.fixture
async def app(opened: FlutterApp) -> FlutterApp:
    """Wait until the first screen rests: on a busy machine it is laid out in several steps."""
    before: list[Box] = []
    for _ in range(50):
        boxes = [node.box for node in await opened.semantics()]
        if boxes == before:
            break
        before = boxes
        await asyncio.sleep(0.2)  # no platform tells when a layout is its last
    return opened


@pytest.fixture
async def playground(request: pytest.FixtureRequest, opened: FlutterApp) -> FlutterApp:
    """Show the screen on which each gesture says what it did."""
    visited = request.getfixturevalue(f"visited_{request.node.callspec.params['opened']}")
    await visited.visit("/playground")
    await opened.find(by.text("Done: nothing"))
    return opened


def edge(app: FlutterApp) -> float:
    """How far off a box may be: Android rounds each of its edges to whole pixels, the web none."""
    return 1.0 if app.target == "android" else 0.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "picked.txt"
    path.write_text("12345")
    return path


async def test_it_is_a_flutter_app_with_a_name(app: FlutterApp) -> None:
    assert isinstance(app, FlutterApp)
    assert app.target in {"web", "mobile-web", "android"}


async def test_an_identifier_a_label_and_a_role_find_the_same_node(app: FlutterApp) -> None:
    found = await app.find(by.identifier("press"))
    assert (found.role, found.label, found.enabled) == (Role.BUTTON, "Press me", True)
    assert (await app.find(by.label("Press me"))).box == found.box
    assert (await app.find(by.role(Role.BUTTON, name=re.compile("^Press")))).box == found.box
    assert (await app.find(by.text("Press me"))).box == found.box


async def test_each_kind_of_node_says_what_it_is(app: FlutterApp) -> None:
    assert (await app.find(by.identifier("avatar"))).role is Role.IMAGE
    assert (await app.find(by.identifier("title"))).role is Role.HEADING
    assert (await app.find(by.identifier("counted"))).role is Role.TEXT
    assert (await app.find(by.identifier("disabled"))).enabled is False
    assert (await app.find(by.identifier("field"))).role is Role.TEXT_FIELD
    assert (await app.find(by.identifier("secret"))).obscured
    assert (await app.find(by.identifier("list"))).role is Role.SCROLLABLE
    # On a phone Flutter makes what is tapped larger.
    star = await app.find(by.role(Role.BUTTON, name="Star it"))
    assert star.box.width == (48 if app.target == "android" else 40)
    volume = await app.find(by.identifier("volume"))
    assert (volume.role, volume.enabled) == (Role.SLIDER, True)


async def test_a_node_is_found_within_another_and_by_its_number(app: FlutterApp) -> None:
    picture = by.role(Role.IMAGE)
    assert (await app.find(picture)).identifier == "avatar"
    assert (await app.find(picture.nth(1))).identifier == "item-0"
    assert (await app.find(picture.within(by.identifier("list")).nth(1))).identifier == "item-1"


async def test_an_avatars_box_is_exactly_its_square(app: FlutterApp) -> None:
    box = (await app.find(by.label("Avatar of Ada"))).box
    assert (box.width, box.height) == (40, 40)


async def test_it_waits_for_what_comes_late(app: FlutterApp) -> None:
    await app.tap(by.identifier("slow"))
    assert (await app.find(by.identifier("late"))).text == "Better late"


async def test_it_waits_for_what_goes_late(app: FlutterApp) -> None:
    await app.tap(by.identifier("slow"))
    await app.find(by.identifier("late"))
    await app.tap(by.identifier("slow"))
    await app.wait_until_gone(by.identifier("late"))


async def test_what_stays_is_reported(app: FlutterApp) -> None:
    with pytest.raises(ActionFailed, match=r'by.identifier\("press"\) is still on screen'):
        await app.wait_until_gone(by.identifier("press"), timeout=0.1)


async def test_a_vain_wait_says_what_was_there_instead_and_keeps_a_picture(app: FlutterApp) -> None:
    with pytest.raises(NotFound, match=r'by.label\("Pres me"\) is not on screen') as caught:
        await app.find(by.label("Pres me"), timeout=0.1)
    assert caught.value.nearest[0] == 'button "Press me"'
    assert caught.value.screenshot is not None
    assert caught.value.screenshot.exists()
    assert str(caught.value.screenshot) in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_what_lies_below_the_edge_is_not_found(app: FlutterApp) -> None:
    with pytest.raises(NotFound):
        await app.find(by.identifier("item-5"), timeout=0.1)


async def test_a_tap_reaches_the_app_within_its_interval(app: FlutterApp) -> None:
    before = now()
    received = await app.tap(by.identifier("press"))
    assert before <= received.low <= received.high <= now()
    await app.find(by.text("Pressed 1 times"))


async def test_a_disabled_node_is_not_tapped(app: FlutterApp) -> None:
    with pytest.raises(NotFound, match="is disabled"):
        await app.tap(by.identifier("disabled"), timeout=0.1)


async def test_text_replaces_what_a_field_said(app: FlutterApp) -> None:
    await app.enter_text(by.identifier("field"), "after")
    await app.find(by.text("Said: after"))
    assert (await app.find(by.identifier("field"))).value == "after"
    await app.enter_text(by.identifier("field"), "")
    await app.find(by.text("Said:"))


async def test_text_goes_into_obscured_and_many_lined_fields(app: FlutterApp) -> None:
    await app.enter_text(by.label("Password"), "grace's secret")
    await app.enter_text(by.identifier("story"), "first\nsecond")
    assert (await app.find(by.identifier("story"))).value == "first\nsecond"


async def test_a_field_may_shorten_a_text_unless_it_is_to_show_another(app: FlutterApp) -> None:
    await app.enter_text(by.identifier("short"), "letters")
    assert (await app.find(by.identifier("short"))).value == "let"
    with pytest.raises(
        ActionFailed, match=r'by.identifier\("short"\) doesn\'t keep the text entered, it says "let"'
    ):
        await app.enter_text(by.identifier("short"), "letters", shows="letters", timeout=4.0)


async def test_text_goes_into_text_fields_only(app: FlutterApp) -> None:
    with pytest.raises(ActionFailed, match="is a button, not a textbox"):
        await app.enter_text(by.identifier("press"), "text", timeout=2.0)


async def test_a_file_is_chosen(app: FlutterApp, file: Path) -> None:
    before = now()
    picked = await app.choose_file(by.identifier("choose"), file)
    assert before < picked.low <= picked.high <= now()
    await app.find(by.text("Picked: picked.txt of 5 bytes"))


async def test_a_file_that_is_not_there_is_not_chosen(app: FlutterApp, tmp_path: Path) -> None:
    with pytest.raises(ActionFailed, match="there is no file"):
        await app.choose_file(by.identifier("choose"), tmp_path / "missing.png")


async def test_what_opens_no_file_chooser_is_reported(app: FlutterApp, file: Path) -> None:
    with pytest.raises(ActionFailed, match="opened no file chooser"):
        await app.choose_file(by.identifier("press"), file, timeout=2.0)


@pytest.mark.parametrize("item", ["item-2", "item-15", "item-29"])
async def test_scrolling_brings_a_node_wholly_on_screen(app: FlutterApp, item: str) -> None:
    node = await app.scroll_to(by.identifier(item))
    assert node.box.width == 48
    assert abs(node.box.height - 48) <= edge(app)
    pane = (await app.find(by.identifier("list"))).box
    assert pane.intersection(node.box) == node.box


async def test_scrolling_finds_what_was_left_behind(app: FlutterApp) -> None:
    await app.scroll_to(by.identifier("item-20"))
    node = await app.scroll_to(by.identifier("item-0"))
    assert node.box.width == 48
    assert abs(node.box.height - 48) <= edge(app)


async def test_scrolling_in_vain_ends(app: FlutterApp) -> None:
    with pytest.raises(NotFound, match="nowhere to scroll to"):
        await app.scroll_to(by.identifier("item-99").within(by.identifier("list")), timeout=0.2)


async def test_a_deep_link_leads_into_the_app_and_back_out(app: FlutterApp) -> None:
    await app.open("/second/42?from=link")
    await app.find(by.text("Second place, at /second/42?from=link"))
    await app.back()
    await app.find(by.identifier("press"))


async def test_a_link_to_where_the_app_is_changes_nothing(app: FlutterApp) -> None:
    await app.open("/second")
    await app.find(by.identifier("place"))
    before = await app.semantics()
    await app.open("/second")
    assert [node.ref for node in await app.semantics()] == [node.ref for node in before]


async def test_a_restart_leads_back_to_the_same_place(app: FlutterApp) -> None:
    await app.open("/second/7")
    await app.find(by.identifier("place"))
    await app.restart()
    await app.find(by.text("Second place, at /second/7"))


async def test_semantics_are_the_whole_screen(app: FlutterApp) -> None:
    tree = await app.semantics()
    assert (tree.screen.width, tree.screen.height, tree.pixel_ratio) == (412, 915, 1)
    assert {"press", "field", "list", "item-0"} <= {node.identifier for node in tree}
    for node in tree:
        if node.visible:
            assert tree.screen.left <= node.box.left <= node.box.right <= tree.screen.right + 0.01
            assert tree.screen.top <= node.box.top <= node.box.bottom <= tree.screen.bottom + 0.01


async def test_what_is_checked_is_read(app: FlutterApp) -> None:
    assert (await app.find(by.identifier("agree"))).checked is False
    await app.tap(by.identifier("agree"))
    await app.tap(by.identifier("night"))
    await app.find(by.text("Agreed: True, night: True"))
    assert (await app.find(by.role(Role.SWITCH))).checked is True
    assert (await app.find(by.role(Role.CHECKBOX))).checked is True


async def test_a_screenshot_shows_the_app(app: FlutterApp) -> None:
    picture = await app.screenshot()
    tree = await app.semantics()
    assert picture.size == (tree.screen.width * tree.pixel_ratio, tree.screen.height * tree.pixel_ratio)
    box = (await app.find(by.identifier("title"))).box
    edges = (round(box.left), round(box.top), round(box.right), round(box.bottom))
    # The canvas may be painted some frames after the semantics are there; then there are letters on it.
    async with asyncio.timeout(10):
        while len(picture.crop(edges).getcolors(10_000) or []) <= 10:
            picture = await app.screenshot()


async def test_frames_show_a_change_after_the_tap_that_made_it(app: FlutterApp) -> None:
    """The lamp is green after the tap and at no time before, whatever the canvas is still painting then."""
    lamp = (await app.find(by.identifier("lamp"))).box
    async with app.frames() as frames:
        frame = await anext(aiter(frames))
        assert frame.image.width == round((await app.semantics()).screen.width * frame.scale)
        received = await app.tap(by.identifier("press"))
        async for frame in frames:
            red, green, blue = np.asarray(frame.crop(lamp))[20, 20].tolist()
            if green > 220 and max(red, blue) < 40:
                break
    assert received.low < frame.shown.high


# -- gestures, keys and controls


async def test_a_gesture_reaches_the_app_within_its_interval(playground: FlutterApp) -> None:
    before = now()
    received = await playground.long_press(by.identifier("pad"))
    assert before <= received.low <= received.high <= now()
    await playground.find(by.text("Done: long press"))


async def test_two_quick_taps_are_a_double_tap(playground: FlutterApp) -> None:
    await playground.double_tap(by.identifier("pad"))
    await playground.find(by.text("Done: double tap"))


async def test_what_is_dragged_is_dropped_where_it_was_taken(playground: FlutterApp) -> None:
    await playground.drag(by.identifier("parcel"), to=by.identifier("door"))
    await playground.find(by.text("Done: delivered"))


async def test_what_was_held_is_dragged(playground: FlutterApp) -> None:
    await playground.drag(by.identifier("held"), to=by.identifier("levels"), after_long_press=True)
    await playground.find(by.text("Done: held and moved"))


@pytest.mark.parametrize(("direction", "dismissed"), [("left", "endToStart"), ("right", "startToEnd")])
async def test_a_tile_is_swiped_away(playground: FlutterApp, direction: Direction, dismissed: str) -> None:
    await playground.swipe(by.identifier("tile"), direction)
    await playground.find(by.text(f"Done: dismissed {dismissed}"))
    await playground.wait_until_gone(by.identifier("tile"))


async def test_a_list_that_is_swiped_down_at_its_beginning_is_pulled(playground: FlutterApp) -> None:
    await playground.swipe(by.identifier("pulled"), "down")
    await playground.find(by.text("Done: pulled"))


async def test_a_list_that_is_swiped_up_scrolls(playground: FlutterApp) -> None:
    await playground.swipe(by.identifier("pulled"), "up")
    await playground.wait_until_gone(by.text("Line 0"))


@pytest.mark.parametrize(
    ("scale", "zoomed"), [(2.0, re.compile(r"by (1\.[89]|2\.[0-2])$")), (0.5, re.compile(r"by 0\.[456]$"))]
)
async def test_two_fingers_zoom(playground: FlutterApp, scale: float, zoomed: re.Pattern[str]) -> None:
    await playground.pinch(by.identifier("viewer"), scale=scale)
    await playground.find(by.text(zoomed))


async def test_a_key_goes_to_what_has_the_focus(playground: FlutterApp) -> None:
    await playground.enter_text(by.identifier("note"), "milk")
    await playground.press_key("Enter")
    await playground.find(by.text("Done: sent milk"))


async def test_a_shortcut_is_a_key_with_others_held(playground: FlutterApp) -> None:
    received = await playground.press_key("Control+Shift+K")
    assert received.low <= received.high
    await playground.find(by.text("Done: ctrl+shift+K"))


async def test_a_mouse_hovers_where_there_is_one(playground: FlutterApp) -> None:
    if playground.target == "web":
        await playground.hover(by.identifier("hovered"))
        await playground.find(by.text("Done: hovered"))
    else:
        with pytest.raises(ActionFailed, match="a touch screen has no pointer"):
            await playground.hover(by.identifier("hovered"))


@pytest.mark.parametrize("value", [75, 0, "100%"])
async def test_a_slider_is_set_to_what_its_semantics_then_say(
    playground: FlutterApp, value: int | str
) -> None:
    await playground.set_slider(by.identifier("levels"), value)
    number = str(value).removesuffix("%")
    assert (await playground.find(by.identifier("levels"))).value == f"{number}%"
    await playground.find(by.text(f"Level: {number}"))


async def test_a_slider_that_does_not_take_a_value_is_reported(playground: FlutterApp) -> None:
    with pytest.raises(ActionFailed, match=r'can\'t be set to 60: it says "(50|75)%"'):
        await playground.set_slider(by.identifier("steps"), 60)


async def test_an_option_of_a_dropdown_is_chosen(playground: FlutterApp) -> None:
    await playground.choose(by.identifier("colour"), "Blue")
    await playground.find(by.text("Done: chose Blue"))


async def test_an_entry_of_a_menu_is_chosen(playground: FlutterApp) -> None:
    await playground.choose(by.identifier("menu"), "Report")
    await playground.find(by.text("Done: Report"))


async def test_choices_may_follow_each_other_at_once(playground: FlutterApp) -> None:
    await playground.choose(by.identifier("menu"), "Report")
    await playground.choose(by.identifier("menu"), "Copy link")
    await playground.choose(by.identifier("menu"), "Report")
    await playground.choose(by.identifier("colour"), "Blue")
    await playground.choose(by.identifier("colour"), "Green")
    await playground.choose(by.identifier("menu"), "Copy link")
    await playground.find(by.text("Done: Copy link"))
    await playground.choose(by.identifier("colour"), "Red")
    await playground.find(by.text("Done: chose Red"))


async def test_an_option_that_is_not_there_is_reported(playground: FlutterApp) -> None:
    with pytest.raises(
        NotFound, match=r'by.text\("Mauve"\) is no option that by.identifier\("colour"\) opened'
    ):
        await playground.choose(by.identifier("colour"), "Mauve", timeout=2.0)


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("en", date(2027, 2, 3)),
        ("fa", date(2026, 7, 31)),  # written from the right, with other digits, in weeks from Saturday on
        ("ja", date(2024, 2, 29)),  # chosen in the list of years
    ],
    ids=["en", "fa", "ja"],
)
async def test_a_date_is_picked_in_any_language(playground: FlutterApp, language: str, day: date) -> None:
    await playground.pick_date(by.identifier(f"day-{language}"), day)
    await playground.find(by.text(f"Done: picked {day}"))


async def test_a_date_outside_of_the_range_is_refused(playground: FlutterApp) -> None:
    with pytest.raises(ActionFailed, match="can't be set to 2027-03-21: it is outside of the range"):
        await playground.pick_date(by.identifier("day-en"), date(2027, 3, 21))


async def test_the_text_of_a_field_is_copied_into_another(playground: FlutterApp) -> None:
    await playground.enter_text(by.identifier("note"), "bread")
    await playground.copy(by.identifier("note"))
    await playground.paste(by.identifier("copy"))
    await playground.find(by.text("Copied: bread"))
    await playground.select_all(by.identifier("copy"))
    await playground.press_key("x")
    await playground.find(by.text("Copied: x"))
