"""Whatever the truth and the clocks: it lies in the interval, and no verdict says more than that."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from flutter_bridge import Interval
from journeys.propagation import Assessment, Observation, judge
from journeys.timeline import SurfaceState, Verdict

BUDGET = 1.0
ARMED = 10.0

# How long an example takes depends on what else the machine does, and says nothing.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

uncertainty = st.floats(0, 0.05)
moments = st.floats(ARMED + 0.1, ARMED + 2)


def around(moment: float, low: float, high: float) -> Interval:
    """Return an interval with a true moment in it, off centre by two honest errors."""
    return Interval(moment - low, moment + high)


@dataclass(frozen=True)
class Truth:
    """What really happened, and what is known of it."""

    tapped: float
    committed: float
    begun: float
    """From here on the old look fades; until `visible` neither is recognised."""
    visible: float
    tap: Interval
    commit: Interval
    looks: list[Observation]

    def state(self, moment: float) -> SurfaceState:
        if moment >= self.visible:
            return SurfaceState.NEW
        return SurfaceState.OTHER if moment >= self.begun else SurfaceState.OLD

    @property
    def latency(self) -> float:
        return self.visible - self.committed

    def assess(self, *, reported: bool = True) -> Assessment:
        return judge(self.looks, tap=self.tap, commit=self.commit if reported else None, budget=BUDGET)


@st.composite
def truths(draw: st.DrawFn) -> Truth:
    """Draw a change and frames of it, some dropped, with every clock off within its bounds."""
    tapped = draw(moments)
    committed = tapped + draw(st.floats(0, 0.5))
    begun = committed + draw(st.floats(0, 2))
    visible = begun + draw(st.one_of(st.just(0.0), st.floats(0, 0.3)))
    truth = Truth(
        tapped,
        committed,
        begun,
        visible,
        around(tapped, draw(uncertainty), draw(uncertainty)),
        around(committed, draw(uncertainty), draw(uncertainty)),
        [],
    )
    tick = draw(st.sampled_from([1 / 60, 0.05, 0.2]))
    phase = draw(st.floats(0, tick))
    taken = [ARMED - 0.2]
    taken += [ARMED + phase + index * tick for index in range(round((visible + 0.5 - ARMED) / tick) + 3)]
    dropped = draw(st.sets(st.integers(1, len(taken) - 2), max_size=len(taken) // 2))
    before = float("-inf")
    for number, moment in enumerate(taken):
        if number in dropped:
            continue
        shown = around(moment, draw(uncertainty), draw(uncertainty))
        if number - 1 in dropped and draw(st.booleans()):
            # A source that skipped frames may say so by counting the look from the one before.
            shown = Interval(min(shown.low, before), shown.high)
        truth.looks.append(Observation(shown=shown, state=truth.state(moment), number=number))
        before = moment
    return truth


@unhurried
@given(truths(), st.booleans())
def test_the_truth_lies_in_the_interval(truth: Truth, reported: bool) -> None:
    finding = truth.assess(reported=reported)
    assert finding.verdict is not Verdict.ERROR
    assert finding.commit_to_visible is not None
    assert finding.tap_to_visible is not None
    rounding = 1e-9
    assert (
        finding.commit_to_visible.low - rounding <= truth.latency <= finding.commit_to_visible.high + rounding
    )
    elapsed = truth.visible - truth.tapped
    assert finding.tap_to_visible.low - rounding <= elapsed <= finding.tap_to_visible.high + rounding


@unhurried
@given(truths(), st.booleans())
def test_nothing_passes_that_may_exceed_the_budget_and_nothing_fails_that_may_keep_it(
    truth: Truth, reported: bool
) -> None:
    assume(abs(truth.latency - BUDGET) > 1e-9)
    verdict = truth.assess(reported=reported).verdict
    assert not (verdict is Verdict.PASSED and truth.latency > BUDGET)
    assert not (verdict is Verdict.FAILED and truth.latency <= BUDGET)


@unhurried
@given(truths(), st.data())
def test_leaving_looks_out_widens_the_interval_and_never_turns_a_verdict(
    truth: Truth, data: st.DataObject
) -> None:
    kept = data.draw(
        st.lists(st.booleans(), min_size=len(truth.looks) - 2, max_size=len(truth.looks) - 2), label="kept"
    )
    fewer = [
        truth.looks[0],
        *(look for look, keep in zip(truth.looks[1:-1], kept, strict=True) if keep),
        truth.looks[-1],
    ]
    all_seen = truth.assess()
    some_seen = judge(fewer, tap=truth.tap, commit=truth.commit, budget=BUDGET)
    assert all_seen.commit_to_visible is not None
    assert some_seen.commit_to_visible is not None
    assert some_seen.commit_to_visible.hull(all_seen.commit_to_visible) == some_seen.commit_to_visible
    assert some_seen.verdict in {all_seen.verdict, Verdict.INCONCLUSIVE}


@unhurried
@given(truths(), st.floats(0, 3))
def test_a_watch_that_ends_before_the_change_never_fails_one_that_keeps_its_budget(
    truth: Truth, watched: float
) -> None:
    end = truth.committed + watched
    looks = [look for look in truth.looks if look.shown.high <= end or look.number == 0]
    finding = judge(looks, tap=truth.tap, commit=truth.commit, budget=BUDGET)
    assert not (finding.verdict is Verdict.FAILED and truth.latency <= BUDGET - 1e-9)
    assert not (finding.verdict is Verdict.PASSED and truth.latency > BUDGET + 1e-9)


@unhurried
@given(truths(), st.data())
def test_a_look_back_at_the_old_state_never_passes(truth: Truth, data: st.DataObject) -> None:
    new = [index for index, look in enumerate(truth.looks) if look.state is SurfaceState.NEW]
    relapse = data.draw(st.sampled_from(new), label="relapse")
    assume(relapse != new[0])
    looks = list(truth.looks)
    looks[relapse] = Observation(shown=looks[relapse].shown, state=SurfaceState.OLD, number=relapse)
    finding = judge(looks, tap=truth.tap, commit=truth.commit, budget=BUDGET)
    assert finding.verdict in {Verdict.FAILED, Verdict.INCONCLUSIVE}
    assert finding.commit_to_visible is None


@unhurried
@given(truths(), st.data())
def test_a_look_that_recognises_nothing_in_between_never_turns_a_verdict(
    truth: Truth, data: st.DataObject
) -> None:
    new = [index for index, look in enumerate(truth.looks) if look.state is SurfaceState.NEW]
    lost = data.draw(st.sampled_from(new[:-1] or new), label="lost")
    assume(lost != new[-1])
    looks = list(truth.looks)
    looks[lost] = Observation(shown=looks[lost].shown, state=SurfaceState.OTHER, number=lost)
    verdict = judge(looks, tap=truth.tap, commit=truth.commit, budget=BUDGET).verdict
    assume(lost != new[0])
    assert not (verdict is Verdict.PASSED and truth.latency > BUDGET + 1e-9)
    assert not (verdict is Verdict.FAILED and truth.latency <= BUDGET - 1e-9)
