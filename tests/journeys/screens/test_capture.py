"""A screen is captured as it would come out again: at rest, without a caret, masked."""

from __future__ import annotations

from typing import cast

import pytest
from PIL import ImageDraw

from flutter_bridge import ActionFailed, Box, FlutterApp, Node, NotFound, Role, by
from journeys.screens.capture import MASK, Capture, capture
from journeys.screens.record import PixelBox
from tests.journeys.screens.painted import Painted, blank

FIELD = Node(Role.TEXT_FIELD, "name", "Name", box=Box(10, 10, 60, 20), focused=True)
AVATAR = Node(Role.IMAGE, "avatar", "Avatar of Ada", box=Box(70.5, 40.5, 10, 10))


async def captured(app: Painted, **options: object) -> Capture:
    return await capture(cast(FlutterApp, app), **options)  # type: ignore[arg-type]  # as each test gives them


async def test_a_screen_at_rest_is_captured_as_it_is() -> None:
    taken = await captured(Painted(lambda pen, _: pen.rectangle((0, 0, 9, 9), fill="red"), ratio=2.0))
    assert (taken.image.mode, taken.image.size, taken.pixel_ratio) == ("RGB", (200, 160), 2.0)
    assert taken.image.getpixel((9, 9)) == (255, 0, 0)
    assert taken.image.getpixel((10, 10)) == (255, 255, 255)


async def test_what_moves_is_waited_for() -> None:
    taken = await captured(Painted(lambda pen, look: pen.rectangle((0, 0, min(look, 5) * 10, 9), fill="red")))
    assert taken.image.getpixel((50, 5)) == (255, 0, 0)


async def test_what_never_rests_is_said_with_its_place() -> None:
    spinning = Painted(lambda pen, look: pen.rectangle((20, 30, 25, 35), fill=(look % 200, 0, 0)))
    with pytest.raises(
        ActionFailed, match=r"painted did not come to rest within 0\.8 s: what lies at 20,30 \(6 x 6"
    ):
        await captured(spinning, patience=0.8)


async def test_what_never_rests_may_be_masked() -> None:
    spinner = Node(Role.PROGRESS, "busy", box=Box(20, 30, 6, 6))
    spinning = Painted(lambda pen, look: pen.rectangle((20, 30, 25, 35), fill=(look % 200, 0, 0)), spinner)
    taken = await captured(spinning, mask=[by.role(Role.PROGRESS)])
    assert taken.masks == (PixelBox(20, 30, 6, 6),)
    assert taken.image.getpixel((20, 30)) == taken.image.getpixel((25, 35)) == MASK
    assert taken.image.getpixel((26, 36)) == (255, 255, 255)


async def test_a_mask_covers_every_pixel_that_it_touches() -> None:
    taken = await captured(Painted(blank, AVATAR, ratio=3.0), mask=[by.identifier("avatar")])
    assert taken.masks == (PixelBox(211, 121, 31, 31),)


async def test_a_mask_that_finds_nothing_masks_nothing() -> None:
    hidden = Node(Role.IMAGE, "hidden", box=Box(0, 0, 10, 10), visible=False)
    taken = await captured(Painted(blank, hidden), mask=[by.identifier("hidden"), by.identifier("nobody")])
    assert taken.masks == ()


@pytest.mark.parametrize("shown_first", [0, 1])
async def test_a_blinking_caret_is_never_in_the_picture(shown_first: int) -> None:
    def paint(pen: ImageDraw.ImageDraw, look: int) -> None:
        pen.text((12, 12), "Ada", fill="black")
        if look // 4 % 2 == shown_first:
            pen.rectangle((40, 12, 41, 28), fill="purple")

    taken = await captured(Painted(paint, FIELD))
    assert taken.image.getpixel((40, 20)) == (255, 255, 255)


async def test_what_changes_in_a_field_and_is_no_caret_is_no_rest() -> None:
    def paint(pen: ImageDraw.ImageDraw, look: int) -> None:
        pen.rectangle((20, 12, 40, 28), fill=(0, 0, look % 200))

    with pytest.raises(ActionFailed, match="did not come to rest"):
        await captured(Painted(paint, FIELD), patience=0.8)


async def test_a_region_is_one_nodes_box() -> None:
    card = Node(Role.GROUP, "card", box=Box(60, 30, 30, 40))

    def paint(pen: ImageDraw.ImageDraw, look: int) -> None:
        pen.rectangle((0, 0, 5, 5), fill=(look % 200, 0, 0))  # restless, elsewhere
        pen.rectangle((60, 30, 89, 69), fill="blue")

    app = Painted(paint, card, AVATAR)
    taken = await captured(app, region=by.identifier("card"), mask=[by.identifier("avatar")])
    assert (taken.image.size, taken.origin) == ((30, 40), (60, 30))
    assert taken.masks == (PixelBox(10, 10, 11, 11),)
    assert taken.image.getpixel((0, 0)) == (0, 0, 255)


async def test_a_region_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        await captured(Painted(blank), region=by.identifier("nobody"))


TITLE = Node(Role.HEADING, "title", "Here", box=Box(10, 40, 40, 14))


async def test_a_canvas_that_comes_after_its_semantics_is_waited_for() -> None:
    def paint(pen: ImageDraw.ImageDraw, look: int) -> None:
        if look > 8:
            pen.text((10, 40), "Here", fill="black")

    taken = await captured(Painted(paint, TITLE))
    assert taken.image.getbbox() is not None
    assert taken.image.crop((10, 40, 50, 54)).getcolors(1) is None


async def test_a_text_that_is_never_drawn_is_how_the_screen_looks() -> None:
    taken = await captured(Painted(blank, TITLE), patience=0.8)
    assert taken.image.getcolors(1) == [(8000, (255, 255, 255))]


async def test_a_mouse_that_rests_on_the_app_is_moved_away_first() -> None:
    class Hovered(Painted):
        hovered = True

        async def move_pointer_away(self) -> None:
            self.hovered = False

    app = Hovered(lambda pen, _: pen.rectangle((0, 0, 99, 79), fill="grey" if app.hovered else "white"))
    assert (await captured(app)).image.getpixel((0, 0)) == (255, 255, 255)


async def test_a_devices_status_bar_is_left_out() -> None:
    class OnDevice(Painted):
        status_bar = 6.0

    app = OnDevice(lambda pen, look: pen.rectangle((10, 2, 20, 10), fill=(look % 200, 0, 0)), ratio=2.0)
    taken = await captured(app)
    assert taken.masks == (PixelBox(0, 0, 200, 12),)
