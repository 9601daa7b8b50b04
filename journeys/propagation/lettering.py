"""How a piece of text looks in a frame, and how far two such looks are apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# All in grey levels of 255. In the reference app's frames (JPEG, quality 85) one and the same text was up to
# 3.5 apart, where a neighbour in the same block of pixels changed; with one letter changed never below 90.
SAME = 12.0
"""Looks that are no further apart are the same."""

APART = 2 * SAME
"""Looks that are further apart can't both be the same as a third one."""

INK = 32.0
"""What has less contrast shows nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Lettering:
    """The brightness of a piece of the screen, smoothed over 2 x 2 pixels; shape (height - 1, width - 1).

    Smoothing takes the edge off what JPEG adds around letters, and leaves the letters: a stroke is one to
    two pixels wide.
    """

    grey: NDArray[np.float32]

    @classmethod
    def of(cls, crop: Image.Image) -> Lettering:
        """Return the look of a crop."""
        grey: NDArray[np.float32] = np.asarray(crop.convert("L"), dtype=np.float32)
        four = grey[1:, 1:] + grey[:-1, 1:] + grey[1:, :-1] + grey[:-1, :-1]
        return cls((four / 4).astype(np.float32))

    @property
    def shows_something(self) -> bool:
        """Whether there is anything to be seen."""
        return bool(self.grey.size and float(np.ptp(self.grey)) >= INK)

    def distance(self, other: Lettering) -> float:
        """Return the greatest difference at any place; infinite where the sizes differ.

        It is a metric: two looks within `SAME` of a third are within `APART` of each other.
        """
        if self is other:
            return 0.0
        if self.grey.shape != other.grey.shape or not self.grey.size:
            return float("inf")
        return float(np.abs(self.grey - other.grey).max())

    def same_as(self, other: Lettering) -> bool:
        """Whether both show the same."""
        return self.distance(other) <= SAME

    def apart_from(self, other: Lettering) -> bool:
        """Whether nothing is the same as both."""
        return self.distance(other) > APART
