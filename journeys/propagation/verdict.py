"""Holds a measured interval against a budget, and raises what did not pass.

PropagationError
├── BudgetMissed     a surface showed the change too late, not at all, or not to stay
├── Inconclusive     the budget lies inside the measured interval
│   └── MachineTooBusy   ... or the machine was too busy to blame the app: nothing was found out
└── ObserverError    an observer could not tell old from new, so nothing was certified
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from flutter_bridge import Interval
from journeys.expectations import Wording
from journeys.propagation.machine import Machine
from journeys.propagation.observation import Appearance, Fault, Observation, find_appearance
from journeys.timeline import Verdict, VerdictReached, format_milliseconds

Measured = Literal["commit", "tap"]

_WORTH_SAYING_S = 0.1
_PICTURE = Wording.of("the new picture")
_TOO_BUSY = "; the machine was too busy to tell: for {ms:.0f} ms of it something waited for a processor"


@dataclass(frozen=True, slots=True)
class Start:
    """A moment that a budget runs from, other than a commit or an action, and what reports call it."""

    name: str
    moment: Interval


class PropagationError(Exception):
    """A watched change did not pass everywhere; `verdicts` are all of its verdicts, the good ones too."""

    def __init__(self, message: str, verdicts: Sequence[VerdictReached] = ()) -> None:
        super().__init__(message)
        self.verdicts = tuple(verdicts)


class BudgetMissed(PropagationError, AssertionError):
    """A surface showed the change too late, not at all, or not to stay."""


class Inconclusive(PropagationError, AssertionError):
    """The budget lies inside the measured interval: neither kept nor missed for certain."""


class MachineTooBusy(Inconclusive):
    """What was late need not have been on a machine that keeps up: nothing was found out about the app."""


class ObserverError(PropagationError):
    """An observer could not tell the old look from the new one, so nothing was certified."""


def raise_for(verdicts: Sequence[VerdictReached]) -> None:
    """Raise one error with a line for every verdict that isn't `passed`; the firmest one decides its kind."""
    amiss = [reached for reached in verdicts if reached.verdict is not Verdict.PASSED]
    if not amiss:
        return
    message = "\n".join(f"{reached.actor}'s {reached.surface} {reached.reason}" for reached in amiss)
    found = {reached.verdict for reached in amiss}
    if Verdict.FAILED in found:
        raise BudgetMissed(message, verdicts)
    if Verdict.ERROR in found:
        raise ObserverError(message, verdicts)
    raise (MachineTooBusy if all(reached.machine_busy for reached in amiss) else Inconclusive)(
        message, verdicts
    )


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What is certified of one surface.

    Latencies are in seconds, None where the change did not appear, or nobody knows what it is counted from.
    """

    verdict: Verdict
    reason: str
    appearance: Appearance
    commit_to_visible: Interval | None = None
    tap_to_visible: Interval | None = None
    measured: Interval | None = None
    """What was held against the budget."""
    machine_busy: bool = False
    """Whether it is inconclusive because the machine may have made it so late."""

    @classmethod
    def of_error(cls, fault: Fault, reason: str, *, observations: Sequence[Observation] = ()) -> Assessment:
        """Return that nothing can be certified, and why; the last observation is kept to look at."""
        last = observations[-1] if observations else None
        seen = Appearance(fault=fault, last_old=last, count=len(observations))
        return cls(verdict=Verdict.ERROR, reason=reason, appearance=seen)

    @property
    def fault(self) -> Fault | None:
        """What kept the change from having appeared to stay; None where it did, however late."""
        return self.appearance.fault


def latency(visible: Interval, *, since: Interval) -> Interval:
    """Return the time from one uncertain moment to another, never negative: a cause precedes its effect."""
    elapsed = visible - since
    return Interval(max(0.0, elapsed.low), max(0.0, elapsed.high))


def weigh(measured: Interval, *, budget: float) -> Verdict:
    """Return `passed` if all of the interval lies within the budget, `failed` if none of it does."""
    if measured.high <= budget:
        return Verdict.PASSED
    return Verdict.FAILED if measured.low > budget else Verdict.INCONCLUSIVE


def is_machines_doing(measured: Interval, *, budget: float, waited_s: float) -> bool:
    """Whether what is late, or may be, would be in time without what the machine may have added."""
    least = measured.low if measured.low > budget else measured.high
    return measured.high > budget >= least - waited_s


def judge(
    observations: Sequence[Observation],
    *,
    tap: Interval | None,
    commit: Interval | None,
    budget: float,
    of: Measured = "commit",
    start: Start | None = None,
    wording: Wording = _PICTURE,
    machine: Machine | None = None,
) -> Assessment:
    """Judge one surface by observations of it, in the order in which they were made.

    The budget is held against the time from the commit, or from the tap where `of` says so, or from another
    `start`. Where no commit was reported it lies somewhere between the tap and the first sight of the change:
    a change that appeared can then pass its budget, but never fail it. What the `machine` may have added to a
    change that is late makes it inconclusive; without one all lateness is the app's.
    """
    if of == "commit" and commit is not None:
        since = commit
    elif tap is not None:
        since = tap
    else:
        missing = "no action was seen" if of == "tap" else "neither an action nor a commit was seen"
        reason = f"was not judged: {missing}, so there is nothing to measure from"
        return Assessment.of_error(Fault.NO_ACTION, reason, observations=observations)
    # An app may show a picture before it is saved: what is measured from the tap need not follow the commit.
    seen = find_appearance(observations, tap=tap, commit=None if of == "tap" else commit)
    if seen.visible is None:
        named = "the tap" if since is tap else "the commit"
        if start is not None and seen.fault is not Fault.TOO_EARLY:
            since, named = start.moment, start.name
        return _judge_fault(seen, since, named, budget=budget, wording=wording, machine=machine)
    visible = seen.visible
    # A commit that nobody reported lies anywhere from the tap until the change was seen.
    begun = since if of == "tap" else commit or Interval(since.low, max(since.low, visible.high))
    committed = commit if of == "tap" else begun
    begin = begun if start is None else start.moment
    measured = latency(visible, since=begin)
    took = format_milliseconds(measured.low, measured.high)
    after = f"the {of}" if start is None else start.name
    reason = f"{wording.did} {took} after {after}, budget {budget * 1000:.0f} ms"
    if start is None and of == "commit" and commit is None:
        reason += "; no commit was reported, so it lies anywhere from the tap on"
    if seen.flickered:
        reason += "; it was recognised, lost and recognised again"
    if seen.blind_s > _WORTH_SAYING_S:
        reason += f"; up to {seen.blind_s * 1000:.0f} ms went by between two looks"
    waited_s = 0.0 if machine is None else machine.waited_s(begin.low, visible.high)
    busy = is_machines_doing(measured, budget=budget, waited_s=waited_s)
    return Assessment(
        verdict=Verdict.INCONCLUSIVE if busy else weigh(measured, budget=budget),
        reason=f"{reason}{_TOO_BUSY.format(ms=waited_s * 1000) * busy}",
        appearance=seen,
        machine_busy=busy,
        commit_to_visible=None if committed is None else latency(visible, since=committed),
        tap_to_visible=None if tap is None else latency(visible, since=tap),
        measured=measured,
    )


def _judge_fault(
    seen: Appearance,
    since: Interval,
    named: str,
    *,
    budget: float,
    wording: Wording,
    machine: Machine | None,
) -> Assessment:
    """Judge a surface on which the change did not appear to stay."""
    fault, last = seen.fault, seen.last_old
    assert fault is not None  # noqa: S101 - of nothing else is there no moment
    if fault.is_the_observers:
        reason = _explain_mistrust(seen, since, named, wording)
        return Assessment(verdict=Verdict.ERROR, reason=reason, appearance=seen)
    watched = last.shown.low - since.low if last is not None else 0.0
    said = _SEEN[fault].format(wording=wording)
    # What it did instead comes before how long that was seen; that it is gone is said already.
    detail = last.reason if last is not None and fault not in {Fault.ALTERNATED, Fault.VANISHED} else ""
    reason = f"{said}{f': {detail}' * bool(detail)} "
    reason += f"(watched until {max(0.0, watched) * 1000:.0f} ms after {named})"
    # What was not there yet can only be called missing once the budget is over for certain.
    over = last is not None and last.shown.low - since.high > budget
    if last is not None and over and machine is not None and fault in _MISSING:
        # It may have come soon after: watching ends by the clock, too.
        unseen = latency(last.shown, since=since)
        waited_s = machine.waited_s(since.low, last.shown.high)
        if is_machines_doing(unseen, budget=budget, waited_s=waited_s):
            reason += _TOO_BUSY.format(ms=waited_s * 1000)
            return Assessment(verdict=Verdict.INCONCLUSIVE, reason=reason, appearance=seen, machine_busy=True)
    if over or fault is Fault.ALTERNATED:
        return Assessment(verdict=Verdict.FAILED, reason=reason, appearance=seen)
    reason += f"; the last look lies within the budget of {budget * 1000:.0f} ms"
    return Assessment(verdict=Verdict.INCONCLUSIVE, reason=reason, appearance=seen)


_MISSING = {Fault.NEVER, Fault.NEVER_SETTLED}
"""What more time might have mended."""

_SEEN = {
    Fault.NEVER: "never {wording.did}",
    Fault.NEVER_SETTLED: "ended up showing neither the old one nor {wording.what}",
    Fault.REVERTED: "{wording.did} and {wording.undone}",
    Fault.ALTERNATED: "{wording.did}, {wording.undone}, and {wording.did} again",
    Fault.VANISHED: "was gone from the screen when the watch ended",
}


def _explain_mistrust(seen: Appearance, since: Interval, named: str, wording: Wording) -> str:
    match seen.fault:
        case Fault.TOO_EARLY:
            assert seen.first_new is not None  # noqa: S101 - what is too early was seen
            ahead = (since.low - seen.first_new.shown.high) * 1000
            return (
                f"{wording.did} {ahead:.0f} ms before {named}: either the clocks are apart, or the app "
                "shows it before it is saved (then measure with since=tap)"
            )
        case Fault.CONTRADICTION:
            return (
                "was seen old after it was seen new by its frames' times: the frames' clock can't be trusted"
            )
        case _:
            return f"was not recognised with the old look before {named}, so nothing can be certified"
