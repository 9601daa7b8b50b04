"""An interval against a budget: passed, failed, or honestly neither."""

from __future__ import annotations

import pytest

from flutter_bridge import Interval
from journeys.propagation import (
    Assessment,
    Inconclusive,
    Machine,
    MachineTooBusy,
    Measured,
    Observation,
    judge,
    latency,
    weigh,
)
from journeys.propagation.observation import NOT_ON_SCREEN
from journeys.propagation.verdict import raise_for
from journeys.report import format_latency
from journeys.timeline import SurfaceState, Verdict, VerdictReached

TAP, COMMIT = Interval(0.90, 0.91), Interval(1.00, 1.02)


def look(moment: float, sight: SurfaceState, reason: str = "") -> Observation:
    return Observation(shown=Interval.at(moment), state=sight, reason=reason)


def assess(
    *looks: Observation,
    budget: float = 0.5,
    commit: Interval | None = COMMIT,
    tap: Interval | None = TAP,
    of: Measured = "commit",
    machine: Machine | None = None,
) -> Assessment:
    looks = (look(0.5, SurfaceState.OLD), *looks)
    return judge(looks, tap=tap, commit=commit, budget=budget, of=of, machine=machine)


def appeared(old: float, new: float) -> tuple[Observation, Observation]:
    return look(old, SurfaceState.OLD), look(new, SurfaceState.NEW)


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [
        (Interval(0.1, 0.2), Verdict.PASSED),
        (Interval(0.9, 1.0), Verdict.PASSED),
        (Interval(0.9, 1.001), Verdict.INCONCLUSIVE),
        (Interval(1.0, 1.1), Verdict.INCONCLUSIVE),
        (Interval(1.001, 1.1), Verdict.FAILED),
    ],
)
def test_only_a_whole_interval_decides(measured: Interval, verdict: Verdict) -> None:
    assert weigh(measured, budget=1.0) is verdict


class Waited(Machine):
    """A machine on which something waited for so many seconds of any time asked about."""

    def __init__(self, waited_s: float) -> None:
        super().__init__()
        self.spans: list[tuple[float, float]] = []
        self._seconds = waited_s

    def waited_s(self, since: float, until: float) -> float:
        self.spans.append((since, until))
        return self._seconds


@pytest.mark.parametrize(
    ("waited_s", "verdict"),
    [(0.0, Verdict.FAILED), (0.05, Verdict.FAILED), (0.1, Verdict.INCONCLUSIVE), (0.6, Verdict.INCONCLUSIVE)],
)
def test_what_the_machine_may_have_added_is_not_held_against_the_app(
    waited_s: float, verdict: Verdict
) -> None:
    machine = Waited(waited_s)
    finding = assess(*appeared(1.60, 1.65), machine=machine)  # 80 ms late at least
    assert finding.verdict is verdict
    assert finding.machine_busy is (verdict is Verdict.INCONCLUSIVE)
    said = f"for {waited_s * 1000:.0f} ms of it something waited for a processor"
    assert (said in finding.reason) is finding.machine_busy
    assert machine.spans == [(1.00, 1.65)]  # from the earliest moment of the commit until it was seen


def test_a_change_in_time_passes_on_any_machine() -> None:
    finding = assess(*appeared(1.30, 1.35), machine=Waited(0.3))
    assert finding.verdict is Verdict.PASSED
    assert not finding.machine_busy


def test_a_budget_inside_the_interval_is_the_machines_doing_only_where_all_of_it_could_lie_before() -> None:
    straddling = appeared(1.50, 1.60)
    assert assess(*straddling, machine=Waited(0.11)).machine_busy
    few = assess(*straddling, machine=Waited(0.05))
    assert few.verdict is Verdict.INCONCLUSIVE
    assert not few.machine_busy


def test_what_never_came_is_missing_only_once_its_budget_is_over_without_the_machines_share() -> None:
    unseen = look(1.9, SurfaceState.OLD)  # 880 ms after the commit, at least
    assert assess(unseen, machine=Waited(0.3)).verdict is Verdict.FAILED
    finding = assess(unseen, machine=Waited(0.4))
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert finding.machine_busy


def test_no_machine_excuses_what_came_and_went() -> None:
    looks = (look(1.1, SurfaceState.NEW), look(1.6, SurfaceState.OLD))
    assert assess(*looks, machine=Waited(5.0)).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("busy", "kind"),
    [((True,), MachineTooBusy), ((True, True), MachineTooBusy), ((True, False), Inconclusive)],
)
def test_only_where_all_of_it_is_the_machines_doing_nothing_was_found_out(
    busy: tuple[bool, ...], kind: type[Inconclusive]
) -> None:
    reached = [
        VerdictReached(
            surface="header",
            actor="alice",
            target="web",
            wanted="picture",
            budget_s=1.0,
            verdict=Verdict.INCONCLUSIVE,
            reason="was late",
            machine_busy=each,
            commit_to_visible_s=None,
            tap_to_visible_s=None,
        )
        for each in busy
    ]
    with pytest.raises(Inconclusive) as raised:
        raise_for(reached)
    assert type(raised.value) is kind


def test_a_latency_holds_both_uncertainties() -> None:
    measured = latency(Interval(1.30, 1.35), since=COMMIT)
    assert measured.low == pytest.approx(0.28)
    assert measured.high == pytest.approx(0.35)


def test_a_latency_is_never_negative() -> None:
    assert latency(Interval(0.9, 0.95), since=COMMIT) == Interval(0.0, 0.0)
    assert latency(Interval(0.9, 1.25), since=COMMIT) == Interval(0.0, 0.25)


def test_a_change_in_time_passes_and_is_told_from_the_commit_and_from_the_tap() -> None:
    finding = assess(
        look(0.89, SurfaceState.OLD),
        *(look(0.95 + step / 20, SurfaceState.OLD) for step in range(8)),
        look(1.35, SurfaceState.NEW),
    )
    assert finding.verdict is Verdict.PASSED
    # Outwards, by all the digits that a difference of floats has.
    assert finding.reason == "showed the new picture 279–351 ms after the commit, budget 500 ms"
    assert finding.commit_to_visible is not None
    assert finding.tap_to_visible is not None
    assert finding.tap_to_visible.low == pytest.approx(0.39)
    assert finding.tap_to_visible.high == pytest.approx(0.45)


def test_a_change_too_late_for_certain_fails_and_is_timed() -> None:
    finding = assess(*appeared(1.60, 1.65))
    assert finding.verdict is Verdict.FAILED
    assert "580–650 ms after the commit, budget 500 ms" in finding.reason


def test_a_reason_has_the_figures_of_the_table() -> None:
    finding = assess(*appeared(2.8357, 2.9341))
    assert "1815–1935 ms after the commit" in finding.reason
    assert f" {format_latency(finding.commit_to_visible)} after" in finding.reason


def test_a_budget_inside_the_interval_decides_nothing() -> None:
    assert assess(*appeared(1.50, 1.53)).verdict is Verdict.INCONCLUSIVE


def test_the_budget_may_run_from_the_tap() -> None:
    finding = assess(*appeared(1.42, 1.45), of="tap")
    assert finding.verdict is Verdict.FAILED
    assert "after the tap" in finding.reason


def test_from_the_tap_a_picture_may_show_before_it_is_saved() -> None:
    early = appeared(0.93, 0.95)
    assert assess(*early, of="tap").verdict is Verdict.PASSED
    finding = assess(*early)
    assert finding.verdict is Verdict.ERROR
    assert "50 ms before the commit" in finding.reason


def test_without_a_reported_commit_a_change_can_pass_but_not_fail() -> None:
    passed = assess(*appeared(1.30, 1.35), commit=None)
    assert passed.verdict is Verdict.PASSED
    assert "no commit was reported" in passed.reason
    assert assess(*appeared(5.0, 5.1), commit=None).verdict is Verdict.INCONCLUSIVE


def test_nothing_to_measure_from_is_an_error() -> None:
    assert assess(*appeared(1.3, 1.35), commit=None, tap=None).verdict is Verdict.ERROR
    assert assess(*appeared(1.3, 1.35), tap=None, of="tap").verdict is Verdict.ERROR


def test_without_a_tap_the_commit_is_enough() -> None:
    finding = assess(*appeared(1.3, 1.35), tap=None)
    assert finding.verdict is Verdict.PASSED
    assert finding.tap_to_visible is None


def test_a_change_that_never_came_fails_once_the_budget_is_over() -> None:
    finding = assess(look(1.6, SurfaceState.OLD))
    assert finding.verdict is Verdict.FAILED
    assert finding.reason == "never showed the new picture (watched until 600 ms after the commit)"


def test_a_watch_that_ended_within_the_budget_decides_nothing() -> None:
    assert assess(look(1.4, SurfaceState.OLD)).verdict is Verdict.INCONCLUSIVE
    assert assess(look(1.2, SurfaceState.NEW), look(1.4, SurfaceState.OLD)).verdict is Verdict.INCONCLUSIVE


def test_a_last_look_that_may_lie_within_the_budget_decides_nothing() -> None:
    # 1.51 is 0.51 s after the earliest, but only 0.49 s after the latest moment of the commit.
    assert assess(look(1.51, SurfaceState.OLD)).verdict is Verdict.INCONCLUSIVE
    wide = Observation(shown=Interval(1.4, 1.7), state=SurfaceState.OLD)
    assert assess(wide).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (SurfaceState.OLD, "went back to the old one"),
        (SurfaceState.OTHER, "neither the old one nor the new picture"),
        (SurfaceState.ABSENT, "was gone from the screen"),
    ],
)
def test_a_change_that_did_not_stay_fails_however_early_it_came(end: SurfaceState, said: str) -> None:
    finding = assess(look(1.1, SurfaceState.NEW), look(1.6, end))
    assert finding.verdict is Verdict.FAILED
    assert said in finding.reason


def test_a_change_that_came_went_and_came_again_fails_within_the_budget_too() -> None:
    finding = assess(look(1.1, SurfaceState.NEW), look(1.2, SurfaceState.OLD), look(1.3, SurfaceState.NEW))
    assert finding.verdict is Verdict.FAILED
    assert "went back to the old one, and" in finding.reason


def test_what_the_recogniser_said_of_the_last_look_is_told() -> None:
    reason = assess(look(1.6, SurfaceState.OTHER, "32 bits differ")).reason
    assert reason.partition(" (watched until")[0].endswith(": 32 bits differ")


def test_of_what_is_gone_it_is_said_once() -> None:
    reason = assess(look(1.6, SurfaceState.ABSENT, NOT_ON_SCREEN)).reason
    assert reason == "was gone from the screen when the watch ended (watched until 600 ms after the commit)"


def test_without_a_control_nothing_is_certified() -> None:
    looks = [look(0.5, SurfaceState.OTHER), *appeared(1.3, 1.35)]
    finding = judge(looks, tap=TAP, commit=COMMIT, budget=1.0)
    assert finding.verdict is Verdict.ERROR
    assert finding.commit_to_visible is None
