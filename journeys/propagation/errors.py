"""How a watched change can end other than well.

PropagationError
├── BudgetMissed     a surface showed the change too late, not at all, or not to stay
├── Inconclusive     the budget lies inside the measured interval
└── ObserverError    an observer could not tell old from new, so nothing was certified
"""

from __future__ import annotations

from collections.abc import Sequence

from journeys.timeline import Verdict, VerdictReached


class PropagationError(Exception):
    """A watched change did not pass everywhere; `verdicts` are all of its verdicts, the good ones too."""

    def __init__(self, message: str, verdicts: Sequence[VerdictReached] = ()) -> None:
        super().__init__(message)
        self.verdicts = tuple(verdicts)


class BudgetMissed(PropagationError, AssertionError):
    """A surface showed the change too late, not at all, or not to stay."""


class Inconclusive(PropagationError, AssertionError):
    """The budget lies inside the measured interval: neither kept nor missed for certain."""


class ObserverError(PropagationError):
    """An observer could not tell the old look from the new one, so nothing was certified."""


def raise_for(verdicts: Sequence[VerdictReached]) -> None:
    """Raise one error with a line for every verdict that isn't `passed`; the firmest one names its kind."""
    amiss = [reached for reached in verdicts if reached.verdict is not Verdict.PASSED]
    if not amiss:
        return
    message = "\n".join(f"{reached.actor}'s {reached.surface} {reached.reason}" for reached in amiss)
    given = {reached.verdict for reached in amiss}
    if Verdict.FAILED in given:
        raise BudgetMissed(message, verdicts)
    if Verdict.ERROR in given:
        raise ObserverError(message, verdicts)
    raise Inconclusive(message, verdicts)
