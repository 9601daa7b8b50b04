"""An app that asked for a font in vain: whether its texts are drawn is looked at before it is measured."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import pytest
from PIL import Image, ImageDraw

from flutter_bridge import Box, FlutterApp, Node, Role, Tree
from journeys.errors import SetupError
from journeys.fonts import is_font, require_drawn_texts

FONT = "https://fonts.gstatic.com/s/roboto/v32/Letters.woff2"
SCREEN = Box(0, 0, 200, 100)
HELLO = Node(role=Role.TEXT, label="Hello", box=Box(10, 10, 100, 20))
TITLE = Node(role=Role.HEADING, label="News", box=Box(10, 40, 100, 20))
HIDDEN = Node(role=Role.TEXT, label="Below", box=Box(10, 200, 100, 20), visible=False)
ICON = Node(role=Role.IMAGE, label="Logo", box=Box(10, 70, 20, 20))


class ShownApp:
    """A screen in physical pixels, two to a logical one, on which something is drawn at each of `drawn`."""

    target = "web"

    def __init__(self, *nodes: Node, drawn: Iterable[Node], unreached: tuple[str, ...] = (FONT,)) -> None:
        self.unreached_addresses = unreached
        self.looks = 0
        self._tree = Tree(Node(children=nodes), SCREEN, 2.0)
        self._screens = [[], list(drawn)]

    async def semantics(self) -> Tree:
        return self._tree

    async def screenshot(self) -> Image.Image:
        """Nothing is drawn at first, as where the canvas comes after the semantics."""
        screen = Image.new("RGB", (400, 200), "white")
        for node in self._screens[min(self.looks, 1)]:
            ImageDraw.Draw(screen).point((2 * node.box.left + 9, 2 * node.box.top + 9), "black")
        self.looks += 1
        return screen


async def require(app: Any) -> None:
    await require_drawn_texts(cast("FlutterApp", app), patience_s=0.3)


@pytest.mark.parametrize("drawn", [(), (ICON,)], ids=["nothing", "a picture"])
async def test_an_app_that_draws_no_text_is_refused_with_what_to_do(drawn: tuple[Node, ...]) -> None:
    problem = (
        rf"^no text can be drawn on web: fonts\.gstatic\.com can't be reached \(asked for {FONT}\): "
        r"name it in allow_hosts of \[tool\.journeys\], or have the app bring the font along$"
    )
    with pytest.raises(SetupError, match=problem):
        await require(ShownApp(HELLO, TITLE, ICON, drawn=drawn))


async def test_texts_that_come_late_are_waited_for() -> None:
    app = ShownApp(HELLO, drawn=(HELLO,))
    await require(app)
    assert app.looks == 2


async def test_one_text_that_is_drawn_is_enough() -> None:
    """The font that is missing is another's, or that of a few letters."""
    await require(ShownApp(HELLO, TITLE, drawn=(TITLE,)))


async def test_a_screen_without_a_text_on_it_is_left_alone() -> None:
    await require(ShownApp(ICON, HIDDEN, drawn=()))


@pytest.mark.parametrize("unreached", [(), ("https://cdn.example/rive.js",)], ids=["all", "a script"])
async def test_nobody_looks_where_no_font_is_missing(unreached: tuple[str, ...]) -> None:
    app = ShownApp(HELLO, drawn=(), unreached=unreached)
    await require(app)
    assert app.looks == 0


@pytest.mark.parametrize(
    ("address", "expected"),
    [(FONT, True), ("https://a.example/b.ttf?v=2", True), ("https://a.example/ttf", False)],
)
def test_a_font_is_told_by_its_name(address: str, *, expected: bool) -> None:
    assert is_font(address) is expected
