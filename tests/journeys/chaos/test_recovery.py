"""How soon all was well again after a fault is an interval, held against a budget."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeys import ActionFailed, Inconclusive, Timeline, UsageError, now
from journeys.chaos import Recovery
from journeys.timeline import DataChecked, FaultEnded, Recovered


def after_a_fault(tmp_path: Path, *, ago: float) -> tuple[Timeline, Recovery]:
    timeline = Timeline()
    timeline.emit(FaultEnded(fault="storage slow", at=now() - ago))
    return timeline, Recovery(timeline, tmp_path)


async def is_well() -> bool:
    return True


async def test_a_recovery_lies_between_the_last_bad_look_and_the_first_good_one(tmp_path: Path) -> None:
    timeline, recovery = after_a_fault(tmp_path, ago=1.0)
    looks = iter([False, False, True])

    async def look() -> bool:
        return next(looks)

    took = await recovery.expect("all is well", look, within=60)

    assert 1.0 < took.low < took.high < 60
    assert timeline.events_of(Recovered)[0].took == took


async def test_one_that_took_longer_for_sure_fails(tmp_path: Path) -> None:
    _, recovery = after_a_fault(tmp_path, ago=2.0)
    looks = iter([False, True])

    async def look() -> bool:
        return next(looks)

    with pytest.raises(ActionFailed, match="1 s are allowed"):
        await recovery.expect("all is well", look, within=1)


async def test_one_that_nobody_saw_in_between_is_inconclusive(tmp_path: Path) -> None:
    _, recovery = after_a_fault(tmp_path, ago=2.0)
    with pytest.raises(Inconclusive):
        await recovery.expect("all is well", is_well, within=1)


async def test_one_that_never_comes_fails(tmp_path: Path) -> None:
    _, recovery = after_a_fault(tmp_path, ago=10.0)

    async def never() -> bool:
        return False

    with pytest.raises(ActionFailed, match="not within 10"):
        await recovery.expect("all is well", never, within=1)


async def test_without_a_fault_there_is_nothing_to_recover_from(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no fault has ended"):
        await Recovery(Timeline(), tmp_path).expect("all is well", is_well, within=1)


def test_lost_data_fails_and_is_noted(tmp_path: Path) -> None:
    timeline, recovery = after_a_fault(tmp_path, ago=0)
    recovery.check_data("the post", is_kept=True)

    with pytest.raises(ActionFailed, match="the picture: lost"):
        recovery.check_data("the picture", is_kept=False)
    assert [(event.what, event.is_kept) for event in timeline.events_of(DataChecked)] == [
        ("the post", True),
        ("the picture", False),
    ]
