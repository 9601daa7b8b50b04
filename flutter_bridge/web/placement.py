"""Where a frame's document lies in the document around it, and what of it can be seen there."""

from __future__ import annotations

from dataclasses import dataclass

from flutter_bridge.occlusion import Point
from flutter_bridge.semantics import Box

SEPARATOR = "\x1f"
"""What stands in a node's name between the name of a frame and what the node is called in there."""

TOLERANCE_PX = 0.5
"""How far a box may reach over a frame's edge and be in it: boxes are rounded, and scaled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FramePlace:
    """A frame by its element's name; `seen` are the sides of what can be seen of it, in its own units.

    `left` and `top` are where its document begins in the one around it, `across` and `down` how long its
    units are there. `address` is what it was to show, as far as that is no secret.
    """

    name: str
    left: float
    top: float
    across: float
    down: float
    seen: tuple[float, float, float, float]
    address: str = ""

    def outwards(self, box: Box) -> Box:
        """Return where a box in the frame is in the document around."""
        return Box(
            self.left + box.left * self.across,
            self.top + box.top * self.down,
            box.width * self.across,
            box.height * self.down,
        )

    def inwards(self, box: Box) -> Box:
        """Return where a box in the document around is in the frame."""
        left, top = self.point_inwards((box.left, box.top))
        return Box(left, top, box.width / self.across, box.height / self.down)

    def point_inwards(self, point: Point) -> Point:
        """Return where a point in the document around is in the frame."""
        return (point[0] - self.left) / self.across, (point[1] - self.top) / self.down

    def holds(self, box: Box) -> bool:
        """Whether a box in the document around is within what can be seen of the frame."""
        mine = self.outwards(Box(*self.seen))
        return (
            box.left >= mine.left - TOLERANCE_PX
            and box.top >= mine.top - TOLERANCE_PX
            and box.right <= mine.right + TOLERANCE_PX
            and box.bottom <= mine.bottom + TOLERANCE_PX
        )
