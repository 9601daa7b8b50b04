"""An app that asked for a font in vain: whether its texts are drawn is looked at before it is measured."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import pytest
from PIL import Image, ImageDraw, ImageFont

from flutter_bridge import Box, FlutterApp, Node, Role, Tree
from journeys.errors import SetupError
from journeys.fonts import count_boxes, has_ink, is_font, require_drawn_texts

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


def text_image(letters: str, *, ink: str = "black", paper: str = "white") -> Image.Image:
    """Draw letters side by side, and a crossed box for each `?`, as engines do for what no font has."""
    image = Image.new("RGB", (20 * len(letters), 60), paper)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(28)
    for place, letter in enumerate(letters):
        left = 20 * place + 3 + place % 2
        if letter == "?":
            draw.rectangle((left, 10, left + 12, 40), outline=ink, width=2)
            draw.line((left, 10, left + 12, 40), fill=ink, width=2)
        else:
            draw.text((left, 10), letter, fill=ink, font=font)
    # Drawn twice as large and made smaller, so that boxes lie between the pixels, too.
    return image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS)


@pytest.mark.parametrize(("ink", "paper"), [("black", "white"), ("white", "#112222")])
@pytest.mark.parametrize(
    ("letters", "boxes"), [("Hello", 0), ("?", 1), ("H?e?l", 2), ("????", 4), ("0DIOB", 0), ("  ", 0)]
)
def test_boxes_are_counted_among_letters(letters: str, boxes: int, ink: str, paper: str) -> None:
    drawn = text_image(letters, ink=ink, paper=paper)
    assert count_boxes(drawn, text_image("?", ink=ink, paper=paper)) == boxes
    assert has_ink(drawn) == bool(letters.strip())


def test_a_box_that_is_not_drawn_is_no_measure() -> None:
    with pytest.raises(ValueError, match="no letter is drawn"):
        count_boxes(text_image("Hello"), text_image(" "))
