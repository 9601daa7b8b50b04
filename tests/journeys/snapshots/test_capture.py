"""A screen is captured as it would come out again: at rest, without a caret, masked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import pytest
from PIL import ImageDraw

from flutter_bridge import ActionFailed, Box, FlutterApp, Node, NotFound, Role, by
from journeys.snapshots import Capture, PixelBox, capture_screen
from journeys.snapshots.capture import MASK
from tests.journeys.snapshots.painted import Painted, blank

FIELD = Node(Role.TEXT_FIELD, "name", "Name", box=Box(10, 10, 60, 20), focused=True)
AVATAR = Node(Role.IMAGE, "avatar", "Avatar of Ada", box=Box(70.5, 40.5, 10, 10))


async def captured(app: Painted, **options: object) -> Capture:
    options = {"linger_s": 0.0, **options}
    return await capture_screen(cast(FlutterApp, app), **options)  # type: ignore[arg-type]  # as each test gives them


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
        await captured(spinning, patience_s=0.8)


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
        await captured(Painted(paint, FIELD), patience_s=0.8)


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


@pytest.mark.parametrize(("patience_s", "empty_s"), [(0.8, 60.0), (60.0, 0.8)])
async def test_a_text_that_is_never_drawn_is_how_the_screen_looks(
    monkeypatch: pytest.MonkeyPatch, patience_s: float, empty_s: float
) -> None:
    monkeypatch.setattr("journeys.snapshots.capture.EMPTY_S", empty_s)
    async with asyncio.timeout(30):
        taken = await captured(Painted(blank, TITLE), patience_s=patience_s)
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


def stands(*, looks: int, fades: int = 0) -> Callable[[ImageDraw.ImageDraw, int], None]:
    """Paint what an action leaves behind: there for some looks, fading for some more, then gone."""

    def paint(pen: ImageDraw.ImageDraw, look: int) -> None:
        strength = 1.0 if look < looks else 1 - (look - looks + 1) / (fades + 1)
        if strength > 0:
            pen.rectangle((92, 20, 97, 50), fill=(round(255 - 120 * strength),) * 3)

    return paint


GONE = (255, 255, 255)


@pytest.mark.parametrize(
    "left_behind",
    [stands(looks=6, fades=3), stands(looks=7), stands(looks=1, fades=9)],
    ids=["a scrollbar", "a toast", "a ripple"],
)
async def test_what_an_action_left_behind_is_gone_from_the_picture(
    left_behind: Callable[[ImageDraw.ImageDraw, int], None],
) -> None:
    # An eighth of a second from look to look: what stands for six of them looks as if it were at rest.
    taken = await captured(Painted(left_behind), linger_s=1.2)
    assert taken.image.getpixel((95, 30)) == GONE


async def test_what_looks_as_expected_is_taken_at_once_and_asked_about_once() -> None:
    asked: list[object] = []

    async def is_expected(seen: Capture) -> bool:
        asked.append(seen.image.getpixel((95, 30)))
        return asked[-1] == GONE

    app = Painted(stands(looks=6))
    taken = await captured(app, linger_s=60.0, is_expected=is_expected)
    assert taken.image.getpixel((95, 30)) == GONE
    assert asked == [(135, 135, 135), GONE]
    # Half a second of rest, twice.
    assert app.looks <= 14


async def test_what_stays_is_how_the_screen_looks() -> None:
    async def is_expected(_: Capture) -> bool:
        return False

    taken = await captured(Painted(stands(looks=1000)), linger_s=1.0, is_expected=is_expected)
    assert taken.image.getpixel((95, 30)) == (135, 135, 135)


async def test_a_screen_that_rests_only_now_and_then_is_taken_as_it_rested() -> None:
    carousel = Painted(lambda pen, look: pen.rectangle((0, 0, 20 + look // 7 * 10, 9), fill="red"))
    taken = await captured(carousel, linger_s=60.0, patience_s=1.5)
    assert taken.image.getpixel((10, 5)) == (255, 0, 0)
