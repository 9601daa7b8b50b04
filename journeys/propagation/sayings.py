"""What the semantics say of a name: which one, where it is drawn, and when they said so."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flutter_bridge import Box, Interval, Node, as_read
from journeys.propagation.boxes import same_place
from journeys.propagation.track import Stay, Track
from journeys.propagation.watch import NOT_ON_SCREEN
from journeys.timeline import Sight


@dataclass(frozen=True, slots=True)
class Saying:
    """What a read of the semantics says: which of two names, and in which box; `reason` says what else."""

    sight: Sight
    box: Box | None = None
    reason: str = ""


_NOWHERE = Saying(Sight.ABSENT, None, NOT_ON_SCREEN)


class Sayings(Track[Saying]):
    """What the semantics said of a name that is to change from `old` to `new`."""

    def __init__(self, *, old: str, new: str) -> None:
        super().__init__(_alike)
        self._old = old
        self._new = new

    def hear(self, read: Interval, node: Node | None) -> None:
        """Record what a read said; None where it did not find the surface."""
        self.note(read, self._saying(node))

    def _saying(self, node: Node | None) -> Saying:
        if node is None or not node.visible:
            return _NOWHERE
        parts = tuple(node.walk())
        said = "\n".join(part.text for part in parts if part.text)
        sight = read_name(said, new=self._new, old=self._old)
        if sight is Sight.OTHER:
            return Saying(sight, node.box, f"it said {said!r}")
        # The innermost node that says it by itself has the closest box.
        own = (
            part for part in reversed(parts) if read_name(part.text, new=self._new, old=self._old) is sight
        )
        box = next(own, node).box
        return _NOWHERE if box.empty else Saying(sight, box)

    @property
    def latest(self) -> Saying | None:
        """What was said last."""
        stays = self.stays
        return stays[-1].state if stays else None

    def lasting(self) -> list[Stay[Saying]]:
        """Return the stays at the end that say the new name."""
        run: list[Stay[Saying]] = []
        for stay in reversed(self.stays):
            if stay.state.sight is not Sight.NEW:
                break
            run.insert(0, stay)
        return run

    @property
    def began(self) -> Interval | None:
        """When the semantics began to say the new name they say still; None where they don't."""
        stays, run = self.stays, self.lasting()
        if not run or len(run) == len(stays):
            return None
        before = stays[len(stays) - len(run) - 1]
        return Interval(min(before.last.low, run[0].first.high), run[0].first.high)


def read_name(said: str, *, new: str, old: str) -> Sight:
    """Say which of two names a text shows: as a whole line, else as whole words, the longer name first.

    Texts are compared as people read them: an app may write marks and spaces that a name lacks.
    """
    said = as_read(said)
    lines = {line.strip() for line in said.splitlines()}
    names = sorted(((as_read(new), Sight.NEW), (as_read(old), Sight.OLD)), key=lambda name: -len(name[0]))
    for name, sight in names:
        if name in lines:
            return sight
    for name, sight in names:
        if name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said):
            return sight
    return Sight.OTHER


def _alike(one: Saying, other: Saying) -> bool:
    return one.sight is other.sight and one.reason == other.reason and same_place(one.box, other.box)
