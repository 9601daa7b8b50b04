"""Tests in random order, side by side, leave nothing; `./run bench isolation` runs ten times as many."""

from __future__ import annotations

import pytest

from tests.isolation.leftovers import Leftovers, count_leftovers


@pytest.mark.long
async def test_two_hundred_tests_leave_nothing_behind(own_database: str) -> None:
    left = await count_leftovers(own_database, tests=200, processes=2, seed=1)

    assert left == Leftovers(tests=200, seconds=left.seconds, rows=0, databases=[], files=0, processes=0)
