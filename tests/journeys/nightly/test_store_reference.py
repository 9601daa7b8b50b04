"""The reference of the store names the columns and fields that are there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_type_hints

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest

from journeys.nightly.store import Store
from journeys.nightly.trends import (
    CellTrend,
    ChangePoint,
    NightRow,
    PropagationTrend,
    Since,
    SlowStep,
    TrendsRecord,
)

REFERENCE = (Path(__file__).parents[3] / "docs/reference/farm-store.md").read_text()


def named_under(heading: str) -> list[str]:
    """The code in the first column of the table under a heading."""
    text = re.split(r"\n##+ ", REFERENCE.split(f" {heading}\n", 1)[1])[0]
    return re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)


@pytest.mark.parametrize("table", ["leases", "nights", "cells", "propagation"])
async def test_columns_of_the_tables(table: str, store: Store, store_address: str) -> None:
    database = await asyncpg.connect(store_address)
    columns = await database.fetch(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = 'journeys_farm' AND table_name = $1 ORDER BY ordinal_position",
        table,
    )
    await database.close()

    assert named_under(f"`{table}`") == [column["column_name"] for column in columns]


@pytest.mark.parametrize(
    ("heading", "record"),
    [
        ("`journeys farm trends --json`", TrendsRecord),
        ("A night", NightRow),
        ("A cell", CellTrend),
        ("Since", Since),
        ("A surface on a target", PropagationTrend),
        ("A step", SlowStep),
        ("A change", ChangePoint),
    ],
)
def test_fields_of_the_trends(heading: str, record: type) -> None:
    assert named_under(heading) == list(get_type_hints(record))
