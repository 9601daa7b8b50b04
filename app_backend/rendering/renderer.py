"""What the backend asks of whoever makes renditions."""

from __future__ import annotations

from typing import Protocol

from app_backend.rendering.submission import Submission


class Renderer(Protocol):
    """Makes the renditions of pictures."""

    async def render(self, submission: Submission) -> dict[int, bytes]:
        """Return WebP renditions by side length in pixels.

        Raises `Problem` (415 or 422) where the picture can't be used: trying again is in vain. Raises
        `TransientFailure` where the next attempt may do better; `DeadlineExceeded` where the picture took
        longer than one may; `Crashed` where it made its worker crash.
        """
        ...
