"""How a night ends: its status, and the exit code that follows."""

from __future__ import annotations

from collections.abc import Iterable

from journeys.farm.night_record import CellRecord, CellStatus, NightRecord

_GRAVEST: tuple[CellStatus, ...] = ("error", "failed", "inconclusive", "not run", "passed")


def overall(cells: Iterable[CellRecord]) -> CellStatus:
    """Return the gravest status of the cells that count, which those in quarantine don't."""
    statuses = {cell["status"] for cell in cells if cell["quarantine"] is None}
    return next((status for status in _GRAVEST if status in statuses), "passed")


def exit_code(night: NightRecord) -> int:
    """Return what `journeys farm` ends with: 2 wins over 1, and 1 over 3, as in `journeys run`."""
    codes = {1} if night["expired"] else set[int]()
    for cell in night["cells"]:
        if cell["quarantine"] is not None or cell["status"] == "passed":
            continue
        if cell["cause"] == "setup":
            codes.add(2)
        elif cell["cause"] == "infrastructure":
            codes.add(3)
        else:
            # What was not played because of a limit is no pass either.
            codes.add(1)
    return next((code for code in (2, 1, 3) if code in codes), 0)
