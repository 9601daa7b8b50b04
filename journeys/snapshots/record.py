"""What a comparison of screens leaves behind: the entries of `screens.json`, which the review reads.

Paths are relative to the folder of `screens.json` and use `/`. Boxes are in the screenshots' pixels.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

FORMAT = 1
"""Of `screens.json`; another one is refused."""

RECORD = "screens.json"
"""The file's name; it lies in the folder `screens` of a run's results."""


class ScreenStatus(StrEnum):
    """How a screen stands to its baseline."""

    SAME = "same"
    NEW = "new"
    """There is no baseline yet."""
    CHANGED = "changed"
    RESIZED = "resized"
    """It has another size than its baseline; what both share was compared."""
    UNREADABLE = "unreadable"
    """The baseline is no picture, or one too large."""


@dataclass(frozen=True)
class ScreenKey:
    """What tells baselines apart: the journey, the screen's name, and what changes pixels.

    `target` names the target with what it draws by, such as `web-chromium-1x`; `theme` is `light` or `dark`.
    Each part is a file name's: letters, digits, `.`, `_`, `-`.
    """

    journey: str
    name: str
    target: str
    theme: str

    @property
    def path(self) -> PurePosixPath:
        """Where the baseline lies in the baselines' folder."""
        return PurePosixPath(self.journey, f"{self.name}[{self.target}][{self.theme}].png")

    @property
    def id(self) -> str:
        """A short name that is the same in every run."""
        return hashlib.sha256(str(self.path).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class PixelBox:
    """A part of a screenshot, in its pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class ChangedRegion:
    """A part of a screen that looks different, and what each opinion says of it.

    `pixels` is how many pixels differ beyond what anti-aliasing explains. `hash_distance` is between both
    sides' perceptual hashes, in bits of 64. `reasons` are lines for people, from the semantics, such as
    "button “Save” moved 8 px down".
    """

    box: PixelBox
    pixels: int
    hash_distance: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class FilmFrame:
    """A picture of the journey around the screen: what had just been done, and how the app looked then."""

    title: str
    picture: str


@dataclass(frozen=True)
class ScreenRecord:
    """One screen that was compared.

    `actual`, `baseline` and `difference` are pictures (`baseline` is a copy of what was compared with).
    `semantics` and `baseline_semantics` are the trees as JSON. `cause` is the same for screens that most
    likely changed for the same reason, whatever their target: reviewed as one group. `film` is in order.
    """

    key: ScreenKey
    status: ScreenStatus
    actor: str
    summary: str
    size: tuple[int, int]
    actual: str
    baseline: str | None = None
    baseline_size: tuple[int, int] | None = None
    difference: str | None = None
    semantics: str | None = None
    baseline_semantics: str | None = None
    regions: tuple[ChangedRegion, ...] = ()
    masks: tuple[PixelBox, ...] = ()
    cause: str = ""
    film: tuple[FilmFrame, ...] = ()
