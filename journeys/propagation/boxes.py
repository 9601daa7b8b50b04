"""Where a surface was on screen, and when."""

from __future__ import annotations

from flutter_bridge import Box, Interval
from journeys.propagation.track import Track

# A box that moved by less lands on the same pixels.
_TOLERANCE = 0.25


class BoxTrack(Track[Box | None]):
    """The boxes a surface had; None where it was not on screen."""

    def __init__(self) -> None:
        super().__init__(same_place)

    @property
    def gone(self) -> Interval | None:
        """The last read, if it did not find the surface on screen."""
        stays = self.stays
        return stays[-1].last if stays and stays[-1].state is None else None

    @property
    def latest(self) -> Box | None:
        """Where it was when last looked for; None where it was not on screen."""
        stays = self.stays
        return stays[-1].state if stays else None


def same_place(one: Box | None, other: Box | None) -> bool:
    """Whether two boxes lie on the same pixels."""
    if one is None or other is None:
        return one is other
    edges = zip(
        (one.left, one.top, one.right, one.bottom),
        (other.left, other.top, other.right, other.bottom),
        strict=True,
    )
    return all(abs(a - b) < _TOLERANCE for a, b in edges)
