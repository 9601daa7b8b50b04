"""Faults in making renditions: they happen in the worker processes, for real."""

from __future__ import annotations

from app_backend.faults.armed import Faults
from app_backend.faults.catalogue import Lasting, PicturesFail, PicturesHang, PicturesWorkerKilled
from app_backend.rendering import Mishap

MISHAPS: dict[type[Lasting], Mishap] = {
    PicturesFail: Mishap.FAIL,
    PicturesHang: Mishap.HANG,
    PicturesWorkerKilled: Mishap.KILL,
}


class Mishaps:
    """Tells a renderer, picture by picture, what is to go wrong in its worker."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def __call__(self) -> Mishap | None:
        """Return what goes wrong with the next picture, or None."""
        return next((mishap for kind, mishap in MISHAPS.items() if self._faults.strike(kind)), None)
