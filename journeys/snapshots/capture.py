"""Takes a picture of a screen that would come out the same again: settled, without a caret, masked.

A screen that looks the same for half a second hasn't always settled. What an action leaves behind stands for
longer, and then goes by itself: a scrollbar, a tooltip, a toast, a snack bar. No single picture tells these
from what stays, and neither do the semantics of all platforms. So a screen that doesn't look as expected is
watched for longer than any of them stands; one that does, as nearly every screen of nearly every run, is
taken at once.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from flutter_bridge import (
    ActionFailed,
    Box,
    Finder,
    FlutterApp,
    Node,
    Role,
    Tree,
    now,
)
from journeys.snapshots.record import PixelBox
from journeys.snapshots.settings import LINGER_S

MASK: Final = (203, 196, 222)
"""What is painted over a mask: a colour that no theme has much of."""
PATIENCE_S: Final = 10.0
"""How long a screen may take to settle."""
REST_S: Final = 0.5
"""How long a settled screen looks the same: longer than a frame takes on a busy machine."""
BLINK_S: Final = 1.2
"""How long it takes until a blinking caret is seen to be there and to be gone, on every platform."""
EMPTY_S: Final = 3.0
"""How long a screen at rest whose texts are empty is taken for one whose canvas comes late."""
MAX_CARET_WIDTH: Final = 4
"""In logical pixels."""

_TEXT_ROLES: Final = {Role.TEXT, Role.HEADING}


@dataclass(frozen=True)
class Capture:
    """A settled screen: its picture (RGB, masks painted over), its semantics, and where it is masked.

    `tree` is of the whole screen, in logical pixels; `origin` is where the picture's upper left corner lies
    on it, in the picture's pixels, of which `pixel_ratio` make a logical one. `renderer` is what drew it, as
    far as that is known.
    """

    image: Image.Image
    tree: Tree
    masks: tuple[PixelBox, ...]
    origin: tuple[int, int]
    pixel_ratio: float
    renderer: str = ""

    @cached_property
    def visible_tree(self) -> Tree:
        """The semantics of what the picture shows, as seen from its corner, without the words of masks."""
        ratio = self.pixel_ratio
        left, top = (edge / ratio for edge in self.origin)
        screen = Box(0, 0, *(edge / ratio for edge in self.image.size))

        def is_masked(box: Box) -> bool:
            # A mask is the box of a node, rounded outwards.
            return not box.is_empty and any(mask.covers(box, ratio) for mask in self.masks)

        def move_into_picture(node: Node) -> Node:
            box = replace(node.box, left=node.box.left - left, top=node.box.top - top)
            seen = box.intersection(screen)
            # What lies beside the picture can't be seen in it.
            inside = node.visible and (box.is_empty or not seen.is_empty)
            children = tuple(map(move_into_picture, node.children))
            node = replace(node, box=seen if inside else box, visible=inside, children=children)
            # What is masked because it is new in each run says something new in each run, too.
            return replace(node, label="", value="", hint="", tooltip="") if is_masked(node.box) else node

        return Tree(move_into_picture(self.tree.root), screen, ratio)


async def capture_screen(
    app: FlutterApp,
    *,
    mask: Sequence[Finder] = (),
    region: Finder | None = None,
    patience_s: float = PATIENCE_S,
    linger_s: float = LINGER_S,
    is_expected: Callable[[Capture], Awaitable[bool]] | None = None,
) -> Capture:
    """Wait until a screen has settled; return it without a caret and with what `mask` finds painted over.

    A device's status bar is painted over, too.

    `region` picks one node's box instead of the whole screen. A settled screen of which `is_expected` says
    that it is as it should be is returned at once; any other when it has looked the same for `linger_s`
    seconds, or as it looked last when `patience_s` is at its end. Raises `ActionFailed` where something goes
    on moving for `patience_s` seconds, and says where; `NotFound` where the region isn't on screen.
    """
    if region is not None:
        await app.scroll_to(region)
    await app.move_pointer_away()
    deadline = now() + patience_s
    stillness = _Stillness(await _observe(app, mask, region))
    settled: Capture | None = None
    is_known = False
    while True:
        # Nothing announces that a screen has settled: it is looked at until it has been the same for a while.
        await asyncio.sleep(REST_S / 4)
        is_known &= stillness.note_look(await _observe(app, mask, region))
        late = now() >= deadline
        # What stays empty for so long is no canvas that comes late: it is how the screen looks.
        if stillness.is_settled(also_empty=late or stillness.duration_s >= EMPTY_S):
            settled = stillness.capture(app)
            if late or stillness.duration_s >= linger_s:
                return settled
            if is_expected is not None and not is_known:
                if await is_expected(settled):
                    return settled
                is_known = True
        elif late and settled is not None:
            # It stood for a while, and something else came: on a carousel, something always does.
            return settled
        elif late:
            raise ActionFailed(
                f"the screen of {app.target} did not come to rest within {patience_s:g} s: what lies at "
                f"{_describe(stillness.moving)} keeps changing; mask it, or let the app end its animation "
                "first"
            )


@dataclass(frozen=True)
class _ScreenLook:
    """One look at the screen; `fields` are the places in the picture where a caret may blink."""

    at: float
    pixels: NDArray[np.uint8]
    tree: Tree
    masks: tuple[PixelBox, ...]
    origin: tuple[int, int]
    ratio: float
    fields: tuple[PixelBox, ...]

    def part(self, box: PixelBox) -> NDArray[np.uint8]:
        return self.pixels[box.top : box.top + box.height, box.left : box.left + box.width]


class _Stillness:
    """How long a screen has looked the same, from look to look; `moving` is where it last did not."""

    def __init__(self, first: _ScreenLook) -> None:
        self._first = self._calmest = self._last = first
        self.moving: PixelBox | None = None

    def note_look(self, latest: _ScreenLook) -> bool:
        """Take another look into account, and tell whether it shows the same but for a caret."""
        moving = _find_difference(self._last, latest) or _find_difference(self._first, latest)
        self._last = latest
        if moving is not None:
            self.moving = moving
            self._first = self._calmest = latest
        elif _edges_in_fields(latest) < _edges_in_fields(self._calmest):
            self._calmest = latest
        return moving is None

    @property
    def duration_s(self) -> float:
        """How long it has looked the same."""
        return self._last.at - self._first.at

    def is_settled(self, *, also_empty: bool) -> bool:
        """Whether it has looked the same for long enough; where texts are empty, it isn't drawn yet."""
        enough = BLINK_S if self._last.fields else REST_S
        return self.duration_s >= enough and (also_empty or _is_drawn(self._last))

    def capture(self, app: FlutterApp) -> Capture:
        """Return the screen as it looks, without a caret."""
        last = self._last
        image = Image.fromarray(self._calmest.pixels)
        return Capture(image, last.tree, last.masks, last.origin, last.ratio, app.renderer)


async def _observe(app: FlutterApp, mask: Sequence[Finder], region: Finder | None) -> _ScreenLook:
    started = now()
    tree = await app.semantics()
    screen = (await app.screenshot()).convert("RGB")
    ratio = screen.width / tree.screen.width
    viewport = whole = PixelBox(0, 0, screen.width, screen.height)
    if region is not None:
        node = region.first_match_in(tree) or await app.find(region)
        viewport = _clip(_pixel_box_of(node.box, ratio), whole)
    masked = [node.box for finder in mask for node in finder.matches_in(tree) if _is_visible(node)]
    if app.status_bar > 0:
        masked.append(Box(0, 0, tree.screen.width, app.status_bar))
    masks = [_pixel_box_of(box, ratio) for box in masked]
    fields = [
        _pixel_box_of(node.box, ratio) for node in tree if node.role is Role.TEXT_FIELD and node.focused
    ]
    pen = ImageDraw.Draw(screen)
    for each in masks:
        pen.rectangle(
            (each.left, each.top, each.left + each.width - 1, each.top + each.height - 1), fill=MASK
        )
    crop = screen.crop(
        (viewport.left, viewport.top, viewport.left + viewport.width, viewport.top + viewport.height)
    )
    return _ScreenLook(
        at=started,
        pixels=np.asarray(crop),
        tree=tree,
        masks=_clip_all(masks, viewport),
        origin=(viewport.left, viewport.top),
        ratio=ratio,
        fields=_clip_all(fields, viewport),
    )


def _find_difference(one: _ScreenLook, other: _ScreenLook) -> PixelBox | None:
    """Return where two looks differ by more than a caret, None where they don't."""
    if one.pixels.shape != other.pixels.shape or one.origin != other.origin:
        height, width = other.pixels.shape[:2]
        return PixelBox(0, 0, width, height)
    if one is other or np.array_equal(one.pixels, other.pixels):
        return None
    differs = (one.pixels != other.pixels).any(axis=2)
    for field in other.fields:
        part = differs[field.top : field.top + field.height, field.left : field.left + field.width]
        box = _bounds_of(part)
        if box is not None and box.width <= math.ceil(MAX_CARET_WIDTH * other.ratio):
            part[:] = False
    return _bounds_of(differs)


def _bounds_of(differs: NDArray[np.bool_]) -> PixelBox | None:
    columns, rows = np.flatnonzero(differs.any(axis=0)), np.flatnonzero(differs.any(axis=1))
    if not len(columns):
        return None
    left, top = int(columns[0]), int(rows[0])
    return PixelBox(left, top, int(columns[-1]) - left + 1, int(rows[-1]) - top + 1)


def _is_drawn(look: _ScreenLook) -> bool:
    """Whether there is anything to see wherever there is text: semantics may be ahead of the canvas."""
    height, width = look.pixels.shape[:2]
    viewport = PixelBox(*look.origin, width, height)
    texts = (
        node for node in look.tree if node.role in _TEXT_ROLES and node.text.strip() and _is_visible(node)
    )
    for box in _clip_all([_pixel_box_of(node.box, look.ratio) for node in texts], viewport):
        part = look.part(box)
        if (part == part[0, 0]).all() and tuple(part[0, 0]) != MASK:
            return False
    return True


def _edges_in_fields(look: _ScreenLook) -> int:
    """Return how much upright edge there is in fields with the focus: a caret adds two long ones."""
    return sum(int(np.abs(np.diff(look.part(field).astype(np.int16), axis=1)).sum()) for field in look.fields)


def _is_visible(node: Node) -> bool:
    return node.visible and not node.box.is_empty


def _pixel_box_of(box: Box, ratio: float) -> PixelBox:
    """Return a box in physical pixels: all that it touches."""
    left, top = math.floor(box.left * ratio), math.floor(box.top * ratio)
    return PixelBox(left, top, math.ceil(box.right * ratio) - left, math.ceil(box.bottom * ratio) - top)


def _clip(box: PixelBox, to: PixelBox) -> PixelBox:
    left, top = max(box.left, to.left), max(box.top, to.top)
    right = min(box.left + box.width, to.left + to.width)
    bottom = min(box.top + box.height, to.top + to.height)
    return PixelBox(left, top, max(0, right - left), max(0, bottom - top))


def _clip_all(boxes: Sequence[PixelBox], viewport: PixelBox) -> tuple[PixelBox, ...]:
    """Return what of some boxes lies in the part that was picked, as seen from its corner."""
    clipped = (_clip(box, viewport) for box in boxes)
    return tuple(
        replace(box, left=box.left - viewport.left, top=box.top - viewport.top)
        for box in clipped
        if box.width and box.height
    )


def _describe(box: PixelBox | None) -> str:
    if box is None:
        return "no place of its own"
    return f"{box.left},{box.top} ({box.width} x {box.height} pixels)"
