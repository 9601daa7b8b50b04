"""What one look at a surface showed, and when."""

from __future__ import annotations

from dataclasses import dataclass

from flutter_bridge import Frame, Interval
from journeys.timeline import Sight


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One look at a surface: at some moment inside `shown` it looked like `sight`.

    Nothing more is claimed, so leaving looks out can only widen what follows from the rest. `distance` is
    the recogniser's, in bits, against the new picture; `frame` is the picture that was judged, where there
    was one; `reason` says what spoke against the new look.
    """

    shown: Interval
    sight: Sight
    number: int = 0
    distance: int | None = None
    frame: Frame | None = None
    reason: str = ""
