"""A small world that is drawn: what really happens on one surface, and what is shown and said of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Literal, cast, get_args

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from flutter_bridge import Box, Node, Role, Tree, by
from journeys.pictures import Overlay, Picture, Recogniser, Recognition
from journeys.surface import Onlooker, Surface

TAPPED = 10.0
STILL = 0.15
Kind = Literal["picture", "text", "state", "appears", "disappears"]
KINDS = get_args(Kind)
NAMES = ["Al", "Alice", "Alicf", "Alice B", "Bo", "bo", "B Alice"]
PAPER, INK = 220, 40
GLYPH = (10, 6)

Grey = NDArray[np.int16]
seconds = st.floats(0, 1)


@cache
def drawn(text: str) -> Grey:
    """Draw a text in letters that differ in many pixels, on paper."""
    letters = [np.full((GLYPH[0], 0), PAPER, dtype=np.int16)]
    for letter in text:
        dots = np.random.default_rng(ord(letter)).random((GLYPH[0] - 4, GLYPH[1] - 2)) < 0.5
        glyph = np.full(GLYPH, PAPER, dtype=np.int16)
        if letter != " ":
            glyph[2:-2, 1:-1][dots] = INK
        letters.append(glyph)
    return np.hstack(letters)


@dataclass(frozen=True)
class Flash:
    """The new look for a moment, and the old one again."""

    begin: float
    end: float


@dataclass(frozen=True)
class DrawnWorld:
    """What really happens; all moments on one clock."""

    old: str
    new: str
    kind: Kind
    flashes: tuple[Flash, ...]
    begun: float
    """From here on the old look fades; until `visible` neither is there."""
    visible: float
    fade: str
    said: float
    moves: tuple[tuple[float, int], ...]
    """From when on the surface is so far down."""
    ahead: float
    """By how much the semantics know of a move before the pixels show it."""
    right: bool
    """Whether a name ends where it ends, or begins where it begins."""
    restless: float
    """When the neighbour changes."""

    def top(self, moment: float) -> int:
        return [top for since, top in self.moves if since <= moment][-1]

    def shows_new(self, moment: float) -> bool:
        return moment >= self.visible or any(flash.begin <= moment < flash.end for flash in self.flashes)

    def left(self, text: str) -> int:
        return 60 - GLYPH[1] * len(text) if self.right else 16

    def pixels(self, moment: float, noise: int) -> Grey:
        """Return the screen at a moment, with a little noise as compression makes it."""
        screen = np.full((60, 70), PAPER, dtype=np.int16)
        fading = self.begun <= moment < self.visible and not self.shows_new(moment)
        text = self.new if self.shows_new(moment) else self.old
        top, left = self.top(moment), self.left(text)
        patch = drawn(text)
        if fading and self.fade == "blank":
            patch = np.full_like(patch, PAPER)
        elif fading and self.fade == "blend":
            width = max(len(self.old), len(self.new)) * GLYPH[1]
            # A cross-fade never stands still.
            new = 0.1 + 0.8 * (moment - self.begun) / (self.visible - self.begun)
            mixed = _wide(drawn(self.old), width) * (1 - new) + _wide(drawn(self.new), width) * new
            patch = mixed.astype(np.int16)
            left = min(left, 70 - width)
        screen[top : top + GLYPH[0], left : left + patch.shape[1]] = patch
        # The neighbour on the left is pushed along.
        beside = np.random.default_rng(2 if moment >= self.restless else 1).integers(0, 255, (8, 8))
        screen[top + 1 : top + 9, left - 10 : left - 2] = beside
        screen += np.random.default_rng(noise).integers(-3, 4, screen.shape, dtype=np.int16)
        return screen.clip(0, 255)

    def tree(self, moment: float) -> Tree:
        """Return what the semantics say at a moment."""
        text = self.new if moment >= self.said else self.old
        box = Box(self.left(text), self.top(moment + self.ahead), GLYPH[1] * len(text), GLYPH[0])
        checked = text == self.new if self.kind == "state" else None
        it = Node(Role.TEXT, "it", text, box=box, checked=checked)
        return Tree(Node(children=(it,) if text else ()), Box(0, 0, 70, 60))


def _wide(patch: Grey, width: int) -> Grey:
    return np.pad(patch, ((0, 0), (0, width - patch.shape[1])), constant_values=PAPER)


def surface_of(world: DrawnWorld) -> Surface:
    """Return the surface, as an expectation wants it."""
    onlooker = cast(Onlooker, SimpleNamespace(name="alice", app=SimpleNamespace(target="drawn")))
    return Surface(onlooker, "header", by.identifier("it"), key="alice-id")


def likeness(name: str) -> Picture:
    """Return a picture that is a drawn text: its name is enough for one who compares pixels."""
    return cast(Picture, SimpleNamespace(name=name))


class TextReader(Recogniser):
    """A recogniser that knows drawn texts, noise or not, and nothing that is only a part of one."""

    def recognise(
        self, crop: Image.Image, picture: Picture, *, overlay: Overlay | None = None
    ) -> Recognition:
        assert overlay is None
        seen, wanted = np.asarray(crop.convert("L"), dtype=np.int16), drawn(picture.name)
        same = seen.shape == wanted.shape and bool(np.abs(seen - wanted).max() <= 6)
        return Recognition(
            same, 0, colour_distance=0.0, alignment=(0.0, 0.0), refused_by=None, reason="it is another"
        )

    def overlay_on(self, crop: Image.Image, picture: Picture) -> None:
        """Nothing lies over a text."""


@st.composite
def worlds(draw: st.DrawFn, *, calm: bool, flashes: bool) -> DrawnWorld:
    """Draw a world; one that is `calm` only changes, one with `flashes` does not move."""
    old, new = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=2, unique=True))
    kind: Kind = draw(st.sampled_from(KINDS))
    if kind == "picture":
        old, new = "Old", "New"
    elif kind in {"appears", "disappears"}:
        old, new = ("", new) if kind == "appears" else (old, "")
    begun = TAPPED + draw(st.floats(0.05, 2))
    # Where nothing was or will be, a blank is no fade: it is the old look, or the new one.
    fades = ["none", "blend"] if not (old and new) else ["none", "blank", "blend"]
    fade = "none" if calm else draw(st.sampled_from(fades))
    # What stands still for as long as a change must is taken for it: so nothing in between does.
    longest = {"none": 0.0, "blank": 0.9 * STILL, "blend": 0.4}[fade]
    visible = begun + draw(seconds) * longest
    flash: tuple[Flash, ...] = ()
    if flashes or (not calm and draw(st.booleans())):
        begin = draw(st.floats(TAPPED + 0.01, begun - 0.03))
        flash = (Flash(begin, min(begun - 0.01, begin + draw(st.floats(0.001, 0.2)))),)
    moves = [(0.0, 5)]
    if not calm and not flashes and draw(st.integers(0, 2)) == 0:
        # Often with the change itself, which may push its own place.
        since = st.one_of(st.sampled_from([begun, visible]), st.floats(TAPPED - 0.3, visible + 0.3))
        moves += sorted(draw(st.lists(st.tuples(since, st.sampled_from([5, 9, 30, 48])), max_size=3)))
    restless = float("inf") if calm else draw(st.floats(TAPPED - 0.3, visible + 1))
    if old in new or new in old:
        # Then its neighbour alone, painted anew, can't be told from the rest of the longer name: a canvas
        # that is painted as a whole, as Flutter's is, has both or none. Nor is a flash told for the new name
        # where the neighbour that stands in for the rest looks otherwise then.
        restless = float("inf") if flash else max(restless, visible)
    # Ahead of the pixels by up to a second, or behind them by a little.
    said = draw(st.floats(max(TAPPED, visible - 1), visible + 0.05))
    if kind == "disappears":
        # Semantics and pixels go through the same states: what is gone by the ones has moved by the others.
        moves = [move for move in moves if move[0] < said - 0.1 and move[0] < visible - 0.1]
    return DrawnWorld(
        old,
        new,
        kind,
        flash,
        begun,
        visible,
        fade,
        said=said,
        moves=tuple(moves),
        ahead=0.0 if calm else draw(st.floats(0, 0.09)),
        right=draw(st.booleans()),
        restless=restless,
    )
