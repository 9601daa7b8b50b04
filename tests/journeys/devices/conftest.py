"""Machines with and without an adb."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.journeys.devices.scripted_adb import Adb, without_adb, write_adb


@pytest.fixture
def adb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Adb:
    """Return what writes an adb, on a machine that has none until then."""
    without_adb(tmp_path, monkeypatch)
    return partial(write_adb, tmp_path, monkeypatch)
