"""An app whose screen is painted by the test."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageDraw

from flutter_bridge import Box, Node, NotFound, Tree

SCREEN = Box(0, 0, 100, 80)
Paint = Callable[[ImageDraw.ImageDraw, int], None]


class Painted:
    """An app whose screen is painted anew for each look, by the look's number."""

    target = "painted"
    renderer = ""
    status_bar = 0.0

    def __init__(self, paint: Paint, *nodes: Node, ratio: float = 1.0) -> None:
        self._paint = paint
        self._tree = Tree(Node(children=nodes), SCREEN, ratio)
        self._ratio = ratio
        self.looks = 0

    async def move_pointer_away(self) -> None:
        pass

    async def semantics(self) -> Tree:
        return self._tree

    async def find(self, finder: object) -> Node:
        raise NotFound(f"{finder} is not on screen")

    async def scroll_to(self, finder: object) -> None:
        pass

    async def screenshot(self) -> Image.Image:
        size = (round(SCREEN.width * self._ratio), round(SCREEN.height * self._ratio))
        image = Image.new("RGBA", size, "white")
        self._paint(ImageDraw.Draw(image), self.looks)
        self.looks += 1
        return image


def blank(_pen: ImageDraw.ImageDraw, _look: int) -> None:
    """Paint nothing."""
