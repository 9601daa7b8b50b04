"""Where actors are played: the targets there are, and which actor is played on which of them."""

from journeys.targets.casting import Casting, Overrides, castings, find_casting
from journeys.targets.file import VARIABLE, Targets, read_targets
from journeys.targets.target import (
    APPIUM,
    FILE,
    STAND_INS,
    FrameKind,
    Platform,
    Provider,
    Providers,
    Target,
    Theme,
    UnfitSetting,
)

__all__ = [
    "APPIUM",
    "FILE",
    "STAND_INS",
    "VARIABLE",
    "Casting",
    "FrameKind",
    "Overrides",
    "Platform",
    "Provider",
    "Providers",
    "Target",
    "Targets",
    "Theme",
    "UnfitSetting",
    "castings",
    "find_casting",
    "read_targets",
]
