"""A circuit breaker: what keeps failing is left alone for a while, then tried by one call."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState

from app_backend.database import Database
from app_backend.resilience.events import BreakerChanged, Listener, Refused
from app_backend.resilience.shared_state import Call, Circuits

log = logging.getLogger(__name__)


class BreakerState(StrEnum):
    """Where a breaker stands."""

    CLOSED = "closed"
    """All calls pass."""

    OPEN = "open"
    """No call passes."""

    HALF_OPEN = "half_open"
    """One call is tried, no other passes; what becomes of it decides."""


@dataclass(frozen=True)
class BreakerStatus:
    """How a breaker stands: its state, how many calls failed in a row, seconds until one may be tried."""

    state: BreakerState
    failures: int
    retry_after_s: float


class CircuitOpen(Exception):
    """A call was not tried, as the breaker is open; in `retry_after_s` seconds one may be."""

    def __init__(self, name: str, retry_after_s: float) -> None:
        super().__init__(f"{name} keeps failing, and is left alone for {retry_after_s:.1f} s")
        self.retry_after_s = retry_after_s


class Breaker(Protocol):
    """Lets calls pass, or not."""

    def guard(self) -> AbstractAsyncContextManager[None]:
        """Put this around a call; raises `CircuitOpen` where it may not pass.

        An error out of the block is a failure, unless it is one that the breaker was told to spare (then the
        call has done its work) or to ignore (then it says nothing), as a cancelled call doesn't either.
        """
        ...

    def check(self) -> None:
        """Raise `CircuitOpen` where this process knows already that no call passes; asks nobody."""
        ...

    async def status(self) -> BreakerStatus:
        """Return how the breaker stands."""
        ...


class SharedBreaker:
    """A `Breaker` for all processes on a database.

    `threshold` failures in a row, of whatever processes, open it. `cooldown_s` seconds later one call of
    one process is tried: its success closes the breaker, its failure opens it for as long again. A process
    that dies over the trial has `trial_s` seconds until another may try.

    The rules are purgatory's; its own storages let every process have a trial of its own, so the state is
    kept in PostgreSQL, where each change is one statement (see `shared_state`). While the database is out
    of reach, `guard` raises what the database raises: what we guard could not be kept then. An outcome that
    can't be written is logged, and lost.
    """

    def __init__(
        self,
        database: Database,
        name: str,
        *,
        threshold: int,
        cooldown_s: float,
        trial_s: float,
        spare: tuple[type[Exception], ...] = (),
        ignore: tuple[type[Exception], ...] = (),
        listener: Listener | None = None,
    ) -> None:
        self.name = name
        self._circuits = Circuits(
            database.engine,
            threshold=threshold,
            cooldown_s=cooldown_s,
            trial_s=trial_s,
            changed=self._changed,
        )
        self._spare = spare
        self._ignore: tuple[type[BaseException], ...] = (asyncio.CancelledError, *ignore)
        self._listener = listener
        self._open_until = 0.0

    @asynccontextmanager
    async def guard(self) -> AsyncIterator[None]:
        """Let one call pass, see `Breaker`."""
        call = Call(self._circuits)
        circuits = AsyncCircuitBreakerFactory(
            self._circuits.threshold, self._circuits.cooldown_s, exclude=list(self._spare), uow=call
        )
        breaker = await circuits.get_breaker(self.name)
        try:
            async with breaker:
                try:
                    yield
                except self._ignore:
                    await call.abandon(self.name)
                    raise
        except OpenedState as error:
            self._open_until = time.monotonic() + call.open_for_s
            raise self._refusal(call.retry_after_s) from error

    def check(self) -> None:
        """Refuse what would be refused anyway, see `Breaker`."""
        left = self._open_until - time.monotonic()
        if left > 0:
            raise self._refusal(left)

    async def status(self) -> BreakerStatus:
        """Return how the breaker stands, in one query."""
        state, failures, retry_after_s = await self._circuits.look(self.name)
        return BreakerStatus(BreakerState(STATES.get(state, state)), failures, retry_after_s)

    async def reset(self) -> None:
        """Close the breaker by hand. Other processes that know of it refuse until its time is over."""
        self._open_until = 0.0
        await self._circuits.forget(self.name)

    def _refusal(self, retry_after_s: float) -> CircuitOpen:
        self._tell(Refused(self.name))
        return CircuitOpen(self.name, retry_after_s)

    def _changed(self, name: str, state: str) -> None:
        """Take note of a change that this process made."""
        shown = BreakerState(STATES.get(state, state))
        self._open_until = time.monotonic() + self._circuits.cooldown_s if shown is BreakerState.OPEN else 0.0
        log.warning("%s: the circuit breaker is %s now", name, shown.replace("_", " "))
        self._tell(BreakerChanged(name, shown))

    def _tell(self, event: BreakerChanged | Refused) -> None:
        if self._listener is not None:
            self._listener(event)


STATES = {"opened": "open", "half-opened": "half_open"}
"""How we write purgatory's names of states."""
