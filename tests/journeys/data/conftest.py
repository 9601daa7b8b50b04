"""Scenarios of the tests' own format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from journeys.data import DataFormat
from tests.journeys.data.notes_format import FORMAT

Write = Callable[[str], Path]


@pytest.fixture
def form() -> DataFormat:
    return FORMAT


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a scenario into a file."""

    def write_one(text: str) -> Path:
        file = tmp_path / "notes.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write_one
