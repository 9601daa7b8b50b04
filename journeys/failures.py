"""What a failure means: which one matters, how a journey ends by it, what is told, and the exit code."""

from __future__ import annotations

from flutter_bridge import (
    ActionFailed,
    AppiumMissing,
    BridgeError,
    BrowserMissing,
    DeviceMissing,
    NotFound,
    NotSetUp,
)
from journeys.errors import InfrastructureError, JourneysError, SetupError
from journeys.pictures import PictureError
from journeys.propagation import Inconclusive, ObserverError, PropagationError
from journeys.screens.errors import ScreensDiffer
from journeys.timeline import Cause, Status

# What keeps a journey from its verdict, rather than being one: all of the bridge's but what the app did.
_ERRORS = (JourneysError, BridgeError, ObserverError, PictureError)
_THE_APPS = (NotFound, ActionFailed)
# What is to be set up first.
_MISSING = (BrowserMissing, AppiumMissing, DeviceMissing, NotSetUp, PictureError)
# Those whose text says enough without their type's name.
_SPEAKING = (JourneysError, BridgeError, PropagationError, PictureError, AssertionError)


def first_cause(failure: BaseException) -> BaseException:
    """Return the failure that matters in a group of them: what kept the journey from its verdict, if any."""
    if not isinstance(failure, BaseExceptionGroup):
        return failure
    leaves = [first_cause(one) for one in failure.exceptions]
    return next((leaf for leaf in leaves if _is_error(leaf)), leaves[0])


def status_of(failure: BaseException) -> Status:
    """Return how a journey ended that raised this."""
    if _is_error(failure) or not isinstance(failure, Exception):
        return Status.ERROR
    return Status.INCONCLUSIVE if isinstance(failure, Inconclusive) else Status.FAILED


def exit_code_of(failure: BaseException) -> int:
    """Return the exit code that a run ends with because of this failure alone."""
    if isinstance(failure, JourneysError):
        return failure.exit_code
    if isinstance(failure, _MISSING):
        return SetupError.exit_code
    return InfrastructureError.exit_code if status_of(failure) is Status.ERROR else 1


def cause_of(failure: BaseException) -> Cause:
    """Return whose doing a failure is: only what the infrastructure did may be tried again.

    An observer that can't tell old from new is no infrastructure: the app may show the wrong thing, and
    another try would hide it.
    """
    if isinstance(failure, ScreensDiffer):
        return "screen"
    if isinstance(failure, ObserverError) or (isinstance(failure, Exception) and not _is_error(failure)):
        return "verdict"
    return "setup" if exit_code_of(failure) == SetupError.exit_code else "infrastructure"


def told(failure: BaseException) -> str:
    """Return what a failure says, a line for each thing that went wrong."""
    said = str(failure).strip()
    kind = type(failure).__name__
    if not said:
        return kind
    if isinstance(failure, Exception) and not isinstance(failure, _SPEAKING):
        said = f"{kind}: {said}"
    return "\n".join(line.strip() for line in said.splitlines() if line.strip())


def speaks(failure: BaseException) -> bool:
    """Return whether a failure's text says all there is to say; of other code's, the traceback may matter."""
    return isinstance(failure, _SPEAKING) and not isinstance(failure, AssertionError)


def _is_error(failure: BaseException) -> bool:
    return isinstance(failure, _ERRORS) and not isinstance(failure, _THE_APPS)
