"""Where a surface was on screen, and when."""

from __future__ import annotations

from dataclasses import dataclass

from flutter_bridge import Box, Interval

# Semantics and pixels of one change need not arrive in the same frame.
_SLACK = 0.1
# A box that moved by less lands on the same pixels.
_TOLERANCE = 0.25


@dataclass(slots=True)
class _Stay:
    """One place, over all the reads in a row that found it; None where nothing was on screen."""

    box: Box | None
    first: Interval
    last: Interval


class BoxTrack:
    """The boxes a surface had, from reads that took some time and left gaps between them."""

    def __init__(self) -> None:
        self._stays: list[_Stay] = []

    def note(self, read: Interval, box: Box | None) -> None:
        """Record that a read, which took place within `read`, found the surface at `box`, or nowhere."""
        if self._stays and _alike(self._stays[-1].box, box):
            self._stays[-1].last = read
        else:
            self._stays.append(_Stay(box, read, read))

    def candidates(self, shown: Interval) -> list[Box | None]:
        """Return every place at which the surface may have been at some moment inside `shown`.

        A place counts from the last read that found another one until the next read that did.
        """
        stays = tuple(self._stays)
        found: list[Box | None] = []
        for index, stay in enumerate(stays):
            begun = stays[index - 1].last.low if index else float("-inf")
            ended = stays[index + 1].first.high if index + 1 < len(stays) else float("inf")
            if begun - _SLACK <= shown.high and shown.low <= ended + _SLACK:
                found.append(stay.box)
        return found

    @property
    def gone(self) -> Interval | None:
        """The last read, if it did not find the surface on screen."""
        return self._stays[-1].last if self._stays and self._stays[-1].box is None else None

    @property
    def latest(self) -> Box | None:
        """Where it was when last looked for; None where it was not on screen."""
        return self._stays[-1].box if self._stays else None


def _alike(one: Box | None, other: Box | None) -> bool:
    if one is None or other is None:
        return one is other
    edges = zip(
        (one.left, one.top, one.right, one.bottom),
        (other.left, other.top, other.right, other.bottom),
        strict=True,
    )
    return all(abs(a - b) < _TOLERANCE for a, b in edges)
