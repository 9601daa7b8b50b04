"""A name is watched on a rig whose truth is known: what is said of it, what is drawn, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flutter_bridge import Interval, now
from journeys.propagation import BudgetMissed, ObserverError, Propagation
from journeys.timeline import Verdict, VerdictReached

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Rig, Scene, StagedSurface

NEW = "Alice B"


def scene(rig: Rig, said: str, drawn: str | None = None) -> Scene:
    return rig.scene("header", rig.old, said=said, drawn=drawn)


async def renamed(rig: Rig, change: Propagation, place: StagedSurface, *script: tuple[float, Scene]) -> None:
    """Expect the new name, save it at this moment, and show scenes so many seconds after."""
    change.expect(NEW, on=place)
    await change.arm()
    moment = now()
    change.record_action(Interval.at(moment))
    rig.commits.commit("alice-id", Interval.at(moment), "name")
    for after, shown in script:
        place.played_by.play(moment + after, shown)


def verdict_of(rig: Rig) -> VerdictReached:
    (verdict,) = rig.timeline.events_of(VerdictReached)
    return verdict


async def test_a_name_that_is_said_but_not_drawn_has_never_appeared(rig: Rig) -> None:
    with pytest.raises(BudgetMissed, match="its semantics say the new text, its pixels are as they were"):
        async with rig.change(within=0.1, patience=0.4) as change:
            await renamed(rig, change, rig.place(), (0.03, scene(rig, NEW, "Alice")))
    verdict = verdict_of(rig)
    assert (verdict.verdict, verdict.fault) == (Verdict.FAILED, "never appeared")
    assert verdict.commit_to_visible_s is None
    assert verdict.commit_to_said_s is not None
    assert verdict.commit_to_said_s.low <= 0.03 <= verdict.commit_to_said_s.high


async def test_a_name_drawn_late_is_late_however_early_it_is_said(rig: Rig) -> None:
    with pytest.raises(BudgetMissed, match="showed the text “Alice B”"):
        async with rig.change(within=0.1) as change:
            await renamed(
                rig,
                change,
                rig.place(),
                (0.03, scene(rig, NEW, "Alice")),
                (0.5, scene(rig, NEW)),
            )
    verdict = verdict_of(rig)
    assert (verdict.verdict, verdict.fault) == (Verdict.FAILED, None)
    assert verdict.commit_to_visible_s is not None
    assert verdict.commit_to_visible_s.low <= 0.5 <= verdict.commit_to_visible_s.high


async def test_a_name_whose_place_stays_empty_has_not_settled(rig: Rig) -> None:
    with pytest.raises(BudgetMissed, match="nothing is drawn where its semantics say it is"):
        async with rig.change(within=0.1, patience=0.4) as change:
            await renamed(rig, change, rig.place(), (0.03, scene(rig, NEW, "")))
    assert verdict_of(rig).fault == "never settled"


async def test_a_name_that_is_taken_back_has_reverted(rig: Rig) -> None:
    with pytest.raises(BudgetMissed, match="went back to the old one"):
        # Each name stays long enough to be read on a busy machine, too.
        async with rig.change(within=0.2, patience=0.9, settle=0.7) as change:
            await renamed(
                rig,
                change,
                rig.place(),
                (0.03, scene(rig, NEW)),
                (0.53, scene(rig, "Alice")),
            )
    assert verdict_of(rig).fault == "reverted"


async def test_a_name_that_comes_goes_and_comes_again_has_alternated(rig: Rig) -> None:
    with pytest.raises(BudgetMissed, match="went back to the old one, and"):
        async with rig.change(settle=0.7) as change:
            await renamed(
                rig,
                change,
                rig.place(),
                (0.03, scene(rig, NEW)),
                (0.53, scene(rig, "Alice")),
                (1.03, scene(rig, NEW)),
            )
    assert verdict_of(rig).fault == "alternated"


async def test_a_name_that_never_settles_certifies_nothing(rig: Rig) -> None:
    restless = [(0.03 * number, scene(rig, NEW, NEW[: 2 + number % 3])) for number in range(1, 60)]
    with pytest.raises(ObserverError, match="did not settle"):
        async with rig.change(within=0.1, patience=0.5, settle=0.3) as change:
            await renamed(rig, change, rig.place(), *restless)
    assert verdict_of(rig).fault == "unclear"


async def test_a_name_said_before_the_action_and_not_drawn_stops_the_change(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journeys.propagation.waiting.CONTROL_PATIENCE_S", 0.1)
    header = rig.place()
    header.played_by.play(now(), scene(rig, "Alice", ""))
    with pytest.raises(ObserverError, match="nothing is drawn where its semantics say it is"):
        async with rig.change() as change:
            await renamed(rig, change, header)
    assert verdict_of(rig).fault == "no control"


async def test_picture_and_name_of_one_surface_are_watched_side_by_side(rig: Rig) -> None:
    header = rig.place()
    async with rig.change(settle=0.1) as change:
        change.expect(rig.new, on=header)
        change.expect(NEW, on=header)
        await change.arm()
        moment = now()
        change.record_action(Interval.at(moment))
        rig.commits.commit("alice-id", Interval.at(moment), "profile.changed")
        header.played_by.play(moment + 0.1, rig.scene("header", rig.new))
        header.played_by.play(moment + 0.2, rig.scene("header", rig.new, said=NEW))
    picture, name = rig.timeline.events_of(VerdictReached)
    for verdict, truth in ((picture, 0.1), (name, 0.2)):
        assert verdict.commit_to_visible_s is not None
        assert verdict.commit_to_visible_s.low <= truth <= verdict.commit_to_visible_s.high
