"""What lies over a node on a device: other nodes, as far as its page source tells, and the soft keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flutter_bridge import ActionFailed, NotFound, by
from flutter_bridge.appium import AppiumApp, open_appium_app
from tests.flutter_bridge.appium.scripted_device import Failure, ScriptedDevice, Widget, button, text_field
from tests.flutter_bridge.appium.scripted_phone import BUNDLE, Piece, ScriptedPhone

SOURCE, TOUCH = "GET /source", "POST /actions"
WHERE, PRESS = "mobile: listWindows", "mobile: pressKey"
IS_SHOWN, HIDE = "mobile: isKeyboardShown", "mobile: hideKeyboard"
UNKNOWN = Failure("unknown method", "Unknown mobile command", 405)

Took = list[str]


@pytest.fixture
def took() -> Took:
    """What was tapped, in order."""
    return []


def share(took: Took, at: tuple[float, float, float, float] = (20, 520, 360, 50)) -> Widget:
    return button("Share", at, tapped=lambda: took.append("Share"))


# -- what the page source has


async def test_the_part_of_a_button_that_a_bottom_bar_leaves_is_tapped(
    app: AppiumApp, device: ScriptedDevice, took: Took
) -> None:
    device.screen += [share(took, (0, 500, 400, 60)), button("Home", (0, 525, 400, 75))]
    await app.tap(by.label("Share"))
    assert took == ["Share"]


async def test_a_switch_in_the_middle_of_a_tile_is_left_alone(
    app: AppiumApp, device: ScriptedDevice, took: Took
) -> None:
    switch = Widget(
        (150, 110, 100, 60), "android.widget.Switch", clickable=True, tapped=lambda: took.append("switch")
    )
    title = Widget((20, 110, 100, 60), label="Title")
    tile = Widget((0, 100, 400, 80), label="Wi-Fi", clickable=True, children=[title, switch])
    tile.tapped = title.tapped = lambda: took.append("tile")
    device.screen.append(tile)
    await app.tap(by.label("Wi-Fi"))
    assert took == ["tile"]


async def test_a_snack_bar_is_waited_for(app: AppiumApp, device: ScriptedDevice, took: Took) -> None:
    bar = button("Undo", (0, 500, 400, 100))
    device.screen += [share(took), bar]

    def go() -> None:
        device.screen.remove(bar)

    device.on_source = [lambda: None, lambda: None, lambda: None, go]
    await app.tap(by.label("Share"))
    assert took == ["Share"]


async def test_a_snack_bar_that_stays_is_named(app: AppiumApp, device: ScriptedDevice, took: Took) -> None:
    class SnackBar(Widget):
        def xml(self, package: str) -> str:
            return super().xml(package).replace(" displayed", ' dismissable="true" displayed', 1)

    undo = button("Undo", (200, 500, 200, 100))
    device.screen += [share(took), SnackBar((0, 500, 400, 100), label="Deleted", children=[undo])]
    with pytest.raises(NotFound, match=r'is covered by button "Undo" \(snack bar\) \(waited'):
        await app.tap(by.label("Share"), timeout=0.2)
    assert device.touches == []


# -- Android's keyboard, which no page source of an app has


@pytest.fixture
async def typed(app: AppiumApp, device: ScriptedDevice) -> AppiumApp:
    """The app with a text in a field and the keyboard up; what that took is forgotten."""
    device.keyboard_top = 360
    device.screen.append(text_field("caption", (20, 100, 360, 50)))
    await app.enter_text(by.identifier("caption"), "Look at me")
    device.requests.clear()
    device.touches.clear()
    return app


async def test_the_keyboard_is_hidden_before_what_is_half_under_it_is_tapped(
    typed: AppiumApp, device: ScriptedDevice, took: Took
) -> None:
    device.screen.append(share(took, (20, 340, 360, 50)))
    await typed.tap(by.label("Share"))
    assert (took, device.key_presses) == (["Share"], 0)


async def test_what_is_above_the_keyboard_is_tapped_as_it_is(
    typed: AppiumApp, device: ScriptedDevice, took: Took
) -> None:
    """As far down as keyboards may begin, so that it has to be asked for."""
    device.screen.append(share(took, (20, 250, 360, 50)))
    await typed.tap(by.label("Share"))
    assert took == ["Share"]
    assert device.is_keyboard_up
    assert device.requests.count(WHERE) == 1


async def test_the_keyboard_is_hidden_where_something_is_not_found(
    typed: AppiumApp, device: ScriptedDevice, took: Took
) -> None:
    """Android leaves out of a page source what is wholly under it."""
    device.screen.append(share(took))
    assert "Share" not in device.source()
    await typed.tap(by.label("Share"))
    assert (took, device.key_presses) == (["Share"], 0)


async def test_what_is_looked_for_is_found_under_the_keyboard(
    typed: AppiumApp, device: ScriptedDevice
) -> None:
    device.screen.append(Widget((20, 520, 360, 50), label="Shared"))
    await typed.find(by.label("Shared"))
    assert not device.is_keyboard_up


async def test_what_the_keyboard_lies_over_has_not_gone(typed: AppiumApp, device: ScriptedDevice) -> None:
    device.screen.append(Widget((20, 520, 360, 50), label="Shared"))
    with pytest.raises(ActionFailed, match="is still on screen"):
        await typed.wait_until_gone(by.label("Shared"), timeout=0.5)


async def test_what_hiding_the_keyboard_moves_is_tapped_where_it_is_then(
    typed: AppiumApp, device: ScriptedDevice, took: Took
) -> None:
    moving = share(took, (20, 350, 360, 50))
    device.screen.append(moving)

    def hide(_: object) -> None:
        device.is_keyboard_up = False
        moving.box = (20, 540, 360, 50)

    device.on_script[PRESS] = hide
    await typed.tap(by.label("Share"))
    assert took == ["Share"]


@pytest.mark.parametrize(("lists_windows", "hide"), [(True, PRESS), (False, HIDE)])
async def test_a_keyboard_that_cannot_be_hidden_is_in_the_way(
    typed: AppiumApp, device: ScriptedDevice, took: Took, hide: str, *, lists_windows: bool
) -> None:
    device.screen.append(share(took, (20, 340, 360, 50)))
    if not lists_windows:
        device.failing[WHERE] = UNKNOWN
    device.failing[hide] = Failure("unknown error", "The software keyboard cannot be hidden")
    with pytest.raises(NotFound, match=r'by.label\("Share"\) is covered by the keyboard'):
        await typed.tap(by.label("Share"), timeout=0.3)
    assert device.touches == []
    assert device.requests.count(hide) == 1


async def test_nobody_is_asked_about_a_keyboard_that_cannot_be_there(
    typed: AppiumApp, device: ScriptedDevice, took: Took
) -> None:
    """Above where keyboards end, and on the field that is typed in."""
    device.screen.append(share(took, (20, 160, 360, 50)))
    await typed.tap(by.label("Share"))
    await typed.enter_text(by.identifier("caption"), "Look")
    assert WHERE not in device.requests


async def test_where_no_keyboard_was_it_is_not_asked_for_again(
    typed: AppiumApp, device: ScriptedDevice, took: Took
) -> None:
    """Not before a field has the focus or is typed in."""
    device.is_keyboard_up = False
    for widget in device.everything():
        widget.focused = False
    device.screen.append(share(took))
    await typed.tap(by.label("Share"))
    assert device.requests.count(WHERE) == 1
    await typed.tap(by.label("Share"))
    await typed.back()
    assert device.requests.count(WHERE) == 1


async def test_a_keyboard_that_is_not_up_costs_one_request(
    typed: AppiumApp, device: ScriptedDevice, took: Took
) -> None:
    device.is_keyboard_up = False
    device.screen.append(share(took))
    await typed.find(by.label("Share"))
    device.requests.clear()
    await typed.tap(by.label("Share"))
    assert device.requests == [SOURCE, WHERE, TOUCH]


async def test_the_next_field_under_the_keyboard_is_typed_in(
    typed: AppiumApp, device: ScriptedDevice
) -> None:
    place = text_field("place", (20, 500, 360, 50))
    device.screen.append(place)
    await typed.enter_text(by.identifier("place"), "Here")
    assert (place.text, device.key_presses) == ("Here", 0)


async def test_the_key_that_goes_back_is_not_left_to_the_keyboard(
    typed: AppiumApp, device: ScriptedDevice
) -> None:
    await typed.back()
    assert device.requests == [WHERE, PRESS, "POST /back"]


async def test_a_field_that_was_typed_in_and_is_out_of_sight_has_its_keyboard(
    typed: AppiumApp, device: ScriptedDevice
) -> None:
    device.screen.clear()
    await typed.semantics()
    device.requests.clear()
    await typed.back()
    assert device.requests == [WHERE, PRESS, "POST /back"]


async def test_an_older_driver_is_asked_whether_it_is_up_and_hides_it(
    typed: AppiumApp, device: ScriptedDevice, took: Took
) -> None:
    device.failing[WHERE] = UNKNOWN
    device.screen.append(share(took, (20, 340, 360, 50)))
    await typed.tap(by.label("Share"))
    assert took == ["Share"]
    asked = [name for name in device.requests if name.startswith("mobile: ")]
    assert asked == [WHERE, IS_SHOWN, HIDE, IS_SHOWN]


async def test_a_list_of_windows_without_their_kinds_is_as_good_as_none(
    typed: AppiumApp, device: ScriptedDevice, took: Took
) -> None:
    device.on_script[WHERE] = lambda _: [{"rect": {"left": 0, "top": 0, "right": 800, "bottom": 1200}}]
    device.screen.append(share(took, (20, 340, 360, 50)))
    await typed.tap(by.label("Share"))
    assert (took, device.key_presses) == (["Share"], 0)
    assert HIDE in device.requests


async def test_a_driver_that_knows_of_no_keyboards_taps_all_the_same(
    typed: AppiumApp, device: ScriptedDevice, took: Took
) -> None:
    device.is_keyboard_up = False
    device.screen.append(share(took))
    device.failing |= {WHERE: UNKNOWN, IS_SHOWN: UNKNOWN}
    await typed.tap(by.label("Share"))
    assert took == ["Share"]


async def test_where_the_session_took_the_keyboard_away_nobody_asks(
    device: ScriptedDevice, took: Took, open_app: Callable[..., Any]
) -> None:
    device.answers["hideKeyboard"] = True
    device.screen += [text_field("caption", (20, 100, 360, 50)), share(took)]
    async with open_app() as app:
        await app.enter_text(by.identifier("caption"), "Look at me")
        await app.tap(by.label("Share"))
        await app.back()
    assert took == ["Share"]
    assert not {WHERE, IS_SHOWN, HIDE} & set(device.requests)
    assert (PRESS, {"keycode": 4}) not in device.scripts


@pytest.mark.parametrize("can_be_hidden", [True, False])
async def test_a_list_is_dragged_where_the_keyboard_is_not(
    typed: AppiumApp, device: ScriptedDevice, *, can_be_hidden: bool
) -> None:
    row = Widget((0, 200, 400, 100), label="Last row", identifier="last")
    pane = Widget((0, 160, 400, 440), "android.widget.ScrollView", identifier="list", scrollable=True)
    pane.children = [Widget((0, 160 + 100 * at, 400, 100), label=f"Row {at}") for at in range(4)]
    device.screen.append(pane)
    if not can_be_hidden:
        device.failing[PRESS] = Failure("unknown error", "The software keyboard cannot be hidden")

    def drag(_right: float, _down: float) -> None:
        pane.children = [row]

    device.on_drag = drag
    await typed.scroll_to(by.identifier("last"))
    assert device.key_presses == 0


# -- iOS, whose keyboard is in the page source


@pytest.fixture
def phone(skipped_pauses: None) -> Iterator[ScriptedPhone]:
    scripted = ScriptedPhone()
    scripted.keyboard_at = (0, 510, 390, 334)
    scripted.pieces = [Piece("TextField", (20, 100, 350, 50), "Caption", "caption")]
    yield scripted
    scripted.close()


@pytest.fixture
async def typed_on_phone(phone: ScriptedPhone, tmp_path: Path) -> AsyncIterator[AppiumApp]:
    """The app on a phone with a text in a field and the keyboard up."""
    async with open_appium_app(
        server=phone.address,
        capabilities={"platformName": "iOS", "bundleId": BUNDLE},
        artifacts=tmp_path / "artifacts",
        timeout=2.0,
        target="ios",
    ) as app:
        await app.enter_text(by.identifier("caption"), "Look at me")
        phone.touches.clear()
        yield app


async def test_what_a_phones_keyboard_covers_is_not_tapped(
    typed_on_phone: AppiumApp, phone: ScriptedPhone
) -> None:
    phone.pieces.append(Piece("Button", (20, 735, 350, 40), "Share"))
    phone.failing[HIDE] = Failure("invalid element state", "Did not know how to dismiss the keyboard", 400)
    with pytest.raises(NotFound, match=r'by.label\("Share"\) is covered by the keyboard'):
        await typed_on_phone.tap(by.label("Share"), timeout=0.3)
    assert phone.touches == []
    assert phone.requests.count(HIDE) == 1


async def test_a_tablets_keyboard_is_hidden(
    typed_on_phone: AppiumApp, phone: ScriptedPhone, took: Took
) -> None:
    phone.pieces.append(Piece("Button", (20, 735, 350, 40), "Share", tapped=lambda: took.append("Share")))

    def hide(_: object) -> None:
        phone.keyboard = None

    phone.on_script[HIDE] = hide
    await typed_on_phone.tap(by.label("Share"))
    assert (took, phone.key_presses) == (["Share"], 0)


async def test_a_button_half_under_a_phones_keyboard_is_tapped_above_it(
    typed_on_phone: AppiumApp, phone: ScriptedPhone, took: Took
) -> None:
    phone.pieces.append(Piece("Button", (20, 490, 350, 60), "Share", tapped=lambda: took.append("Share")))
    await typed_on_phone.tap(by.label("Share"))
    assert (took, phone.key_presses) == (["Share"], 0)
    assert HIDE not in phone.requests


async def test_a_phones_list_is_dragged_above_the_keyboard(
    typed_on_phone: AppiumApp, phone: ScriptedPhone
) -> None:
    row = Piece("StaticText", (0, 200, 390, 100), "Last row", "last")
    pane = Piece("ScrollView", (0, 160, 390, 684), inside=[Piece("StaticText", (0, 160, 390, 100), "Row")])
    phone.pieces.append(pane)

    def drag(_right: float, _down: float) -> None:
        pane.inside = [row]

    phone.on_drag = drag
    await typed_on_phone.scroll_to(by.identifier("last"))
    assert phone.key_presses == 0
