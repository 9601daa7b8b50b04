"""Takes a picture of a screen that would come out the same again: at rest, without a caret, masked.

A screen that looks the same for half a second isn't always at rest. What an action leaves behind stands for
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
from journeys.snapshots.settings import LINGER

MASK: Final = (203, 196, 222)
"""What is painted over a mask: a colour that no theme has much of."""

PATIENCE: Final = 10.0
"""Seconds a screen is given to come to rest."""

REST: Final = 0.5
"""Seconds for which a screen at rest looks the same: longer than a frame takes on a busy machine."""

BLINK: Final = 1.2
"""Seconds in which a blinking caret is seen to be there and to be gone, on every platform."""

CARET: Final = 4
"""Logical pixels that a caret is wide at most."""

_WRITTEN: Final = {Role.TEXT, Role.HEADING}

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Capture:
    """A screen at rest: its picture (RGB, masks painted over), its semantics, and where it is masked.

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


@dataclass(frozen=True)
class _Look:
    """One look at the screen; `fields` are the places in the picture where a caret may blink."""

    at: float
    pixels: Pixels
    tree: Tree
    masks: tuple[PixelBox, ...]
    origin: tuple[int, int]
    ratio: float
    fields: tuple[PixelBox, ...]


async def capture(
    app: FlutterApp,
    *,
    mask: Sequence[Finder] = (),
    region: Finder | None = None,
    patience: float = PATIENCE,
    linger: float = LINGER,
    is_expected: Callable[[Capture], Awaitable[bool]] | None = None,
) -> Capture:
    """Wait until a screen is at rest, and return it without a caret and with what `mask` finds painted over.

    A device's status bar is painted over, too.

    `region` picks one node's box instead of the whole screen. A screen at rest of which `is_expected` says
    that it is as it should be is returned at once; any other when it has looked the same for `linger`
    seconds, or as it looked last when `patience` is at its end. Raises `ActionFailed` where something goes on
    moving for `patience` seconds, and says where; `NotFound` where the region isn't on screen.
    """
    if region is not None:
        await app.scroll_to(region)
    await app.move_pointer_away()
    deadline = now() + patience
    stillness = _Stillness(await _look(app, mask, region))
    rested: Capture | None = None
    is_known = False
    while True:
        # Nobody tells when a screen is at rest: it is looked at until it has been the same for a while.
        await asyncio.sleep(REST / 4)
        is_known &= stillness.lasts(await _look(app, mask, region))
        late = now() >= deadline
        if stillness.is_rest(also_empty=late):
            rested = stillness.captured(app)
            if late or stillness.duration >= linger:
                return rested
            if is_expected is not None and not is_known:
                if await is_expected(rested):
                    return rested
                is_known = True
        elif late and rested is not None:
            # It stood for a while, and something else came: on a carousel, something always does.
            return rested
        elif late:
            raise ActionFailed(
                f"the screen of {app.target} did not come to rest within {patience:g} s: what lies at "
                f"{_said(stillness.moving)} keeps changing; mask it, or let the app end its animation first"
            )


class _Stillness:
    """How long a screen has looked the same, from look to look; `moving` is where it last did not."""

    def __init__(self, look: _Look) -> None:
        self._first = self._calmest = self._last = look
        self.moving: PixelBox | None = None

    def lasts(self, look: _Look) -> bool:
        """Take another look into account, and tell whether it shows the same but for a caret."""
        moving = _difference(self._last, look) or _difference(self._first, look)
        self._last = look
        if moving is not None:
            self.moving = moving
            self._first = self._calmest = look
        elif _edges_in_fields(look) < _edges_in_fields(self._calmest):
            self._calmest = look
        return moving is None

    @property
    def duration(self) -> float:
        """For how many seconds it has looked the same."""
        return self._last.at - self._first.at

    def is_rest(self, *, also_empty: bool) -> bool:
        """Whether it has for long enough to be at rest; where texts are empty, it isn't drawn yet."""
        # What stays empty for so long is no canvas that comes late: it is how the screen looks.
        enough = BLINK if self._last.fields else REST
        return self.duration >= enough and (also_empty or _is_drawn(self._last))

    def captured(self, app: FlutterApp) -> Capture:
        """Return the screen as it looks, without a caret."""
        last = self._last
        return Capture(
            Image.fromarray(self._calmest.pixels),
            last.tree,
            last.masks,
            last.origin,
            last.ratio,
            app.renderer,
        )


async def _look(app: FlutterApp, mask: Sequence[Finder], region: Finder | None) -> _Look:
    begun = now()
    tree = await app.semantics()
    screen = (await app.screenshot()).convert("RGB")
    ratio = screen.width / tree.screen.width
    whole = PixelBox(0, 0, screen.width, screen.height)
    picked = whole
    if region is not None:
        node = region.first_in(tree) or await app.find(region)
        picked = _clipped(_pixels(node.box, ratio), whole)
    masks = [
        _pixels(node.box, ratio) for finder in mask for node in finder.matches_in(tree) if _is_seen(node)
    ]
    if app.status_bar > 0:
        masks.append(_pixels(Box(0, 0, tree.screen.width, app.status_bar), ratio))
    fields = [_pixels(node.box, ratio) for node in tree if node.role is Role.TEXT_FIELD and node.focused]
    pen = ImageDraw.Draw(screen)
    for each in masks:
        pen.rectangle(
            (each.left, each.top, each.left + each.width - 1, each.top + each.height - 1), fill=MASK
        )
    crop = screen.crop((picked.left, picked.top, picked.left + picked.width, picked.top + picked.height))
    return _Look(
        at=begun,
        pixels=np.asarray(crop),
        tree=tree,
        masks=_inside(masks, picked),
        origin=(picked.left, picked.top),
        ratio=ratio,
        fields=_inside(fields, picked),
    )


def _difference(look: _Look, other: _Look) -> PixelBox | None:
    """Return where two looks differ by more than a caret, None where they don't."""
    if look.pixels.shape != other.pixels.shape or look.origin != other.origin:
        height, width = other.pixels.shape[:2]
        return PixelBox(0, 0, width, height)
    if look is other or np.array_equal(look.pixels, other.pixels):
        return None
    differs = (look.pixels != other.pixels).any(axis=2)
    for field in other.fields:
        rows = slice(field.top, field.top + field.height)
        part = differs[rows, field.left : field.left + field.width]
        box = _bounds(part)
        if box is not None and box.width <= math.ceil(CARET * other.ratio):
            part[:] = False
    return _bounds(differs)


def _bounds(differs: NDArray[np.bool_]) -> PixelBox | None:
    columns, rows = np.flatnonzero(differs.any(axis=0)), np.flatnonzero(differs.any(axis=1))
    if not len(columns):
        return None
    return PixelBox(
        int(columns[0]), int(rows[0]), int(columns[-1] - columns[0] + 1), int(rows[-1] - rows[0] + 1)
    )


def _is_drawn(look: _Look) -> bool:
    """Whether there is anything to see wherever there is text: semantics may be ahead of the canvas."""
    height, width = look.pixels.shape[:2]
    picked = PixelBox(*look.origin, width, height)
    texts = [node for node in look.tree if node.role in _WRITTEN and node.text.strip() and _is_seen(node)]
    for box in _inside([_pixels(node.box, look.ratio) for node in texts], picked):
        part = look.pixels[box.top : box.top + box.height, box.left : box.left + box.width]
        if (part == part[0, 0]).all() and tuple(part[0, 0]) != MASK:
            return False
    return True


def _edges_in_fields(look: _Look) -> int:
    """Return how much upright edge there is in fields with the focus: a caret adds two long ones."""
    edges = 0
    for field in look.fields:
        part = look.pixels[field.top : field.top + field.height, field.left : field.left + field.width]
        edges += int(np.abs(np.diff(part.astype(np.int16), axis=1)).sum())
    return edges


def _is_seen(node: Node) -> bool:
    return node.visible and not node.box.empty


def _pixels(box: Box, ratio: float) -> PixelBox:
    """Return a box in physical pixels: all that it touches."""
    left, top = math.floor(box.left * ratio), math.floor(box.top * ratio)
    return PixelBox(left, top, math.ceil(box.right * ratio) - left, math.ceil(box.bottom * ratio) - top)


def _clipped(box: PixelBox, to: PixelBox) -> PixelBox:
    left, top = max(box.left, to.left), max(box.top, to.top)
    right = min(box.left + box.width, to.left + to.width)
    bottom = min(box.top + box.height, to.top + to.height)
    return PixelBox(left, top, max(0, right - left), max(0, bottom - top))


def _inside(boxes: Sequence[PixelBox], picked: PixelBox) -> tuple[PixelBox, ...]:
    """Return what of some boxes lies in the part that was picked, as seen from its corner."""
    clipped = (_clipped(box, picked) for box in boxes)
    return tuple(
        replace(box, left=box.left - picked.left, top=box.top - picked.top)
        for box in clipped
        if box.width and box.height
    )


def _said(box: PixelBox | None) -> str:
    return (
        "no place of its own" if box is None else f"{box.left},{box.top} ({box.width} x {box.height} pixels)"
    )
