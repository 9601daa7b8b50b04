"""How long ago a post was written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flutter_app.widgets import format_age

NOW = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        # A clock that is a little ahead of ours.
        (timedelta(seconds=-3), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=23, minutes=59), "23 h"),
        (timedelta(days=1), "1 d"),
        (timedelta(days=6, hours=23), "6 d"),
        (timedelta(days=7), "14 Nov 2025"),
    ],
)
def test_ago(passed: timedelta, words: str) -> None:
    assert format_age(NOW - passed, NOW) == words
