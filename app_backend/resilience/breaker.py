"""A circuit breaker that all processes on a database share.

A breaker is a row in PostgreSQL. It is right with any number of processes because each change is one
statement that looks at the row as it is by then, by the database's clock:

- A failure counts in the row; the statement that reaches the threshold opens.
- Whoever meets a breaker whose time is over takes the trial by one UPDATE with that condition: one call of
  all processes does. All others are told that it is open.
- Only who holds the trial closes or opens a half-open breaker. What comes late from before is not heard.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, case, delete, extract, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from app_backend.database import Circuit, Database
from app_backend.resilience.contracts import (
    Breaker,
    BreakerChanged,
    BreakerState,
    BreakerStatus,
    CallRefused,
    CircuitOpen,
    Listener,
    ResilienceEvent,
)

log = logging.getLogger(__name__)

TRIAL_RETRY_S = 1.0
"""When those who meet a trial under way may come again: it is over soon, one way or the other."""

CLOSED, OPEN, HALF_OPEN = "closed", "opened", "half-opened"
STATES = {CLOSED: BreakerState.CLOSED, OPEN: BreakerState.OPEN, HALF_OPEN: BreakerState.HALF_OPEN}
"""The states as they stand in the table."""


class SharedBreaker(Breaker):
    """Lets calls pass, or not: a circuit breaker for all processes on a database.

    `threshold` failures in a row, of whatever processes, open it. `cooldown_s` seconds later one call of
    one process is tried: its success closes the breaker, its failure opens it for as long again. A process
    that dies over the trial has `trial_s` seconds until another may try.

    An error that is one of `spare` has done its work, and counts as a success; one of `ignore` says nothing,
    as a cancelled call doesn't either.

    While the database is out of reach, `guard` raises what the database raises: what we guard could not be
    kept then. An outcome that can't be written is logged, and lost.
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
        self._database = database
        self._threshold = threshold
        self._cooldown = timedelta(seconds=cooldown_s)
        self._trial = timedelta(seconds=trial_s)
        self._spare = spare
        self._ignore: tuple[type[BaseException], ...] = (asyncio.CancelledError, *ignore)
        self._listener = listener
        self._open_until = 0.0

    @asynccontextmanager
    async def guard(self) -> AsyncIterator[None]:
        """Put this around a call; raises `CircuitOpen` where it may not pass."""
        status, trial = await self.status(), None
        if status.state is not BreakerState.CLOSED:
            trial = await self._take_trial() if status.retry_after_s <= 0 else None
            if trial is None:
                open_for_s = status.retry_after_s if status.state is BreakerState.OPEN else 0.0
                self._open_until = time.monotonic() + open_for_s
                raise self._refusal(open_for_s or TRIAL_RETRY_S)
        try:
            yield
        except self._ignore:
            if trial is not None:
                await self._write(self._give_back(trial))
            raise
        except BaseException as error:
            await self._write(self._note(status, trial, well=isinstance(error, self._spare)))
            raise
        await self._write(self._note(status, trial, well=True))

    def check(self) -> None:
        """Raise `CircuitOpen` where this process knows already that no call passes; asks nobody."""
        left = self._open_until - time.monotonic()
        if left > 0:
            raise self._refusal(left)

    async def status(self) -> BreakerStatus:
        """Return how the breaker stands, in one query."""
        due = case(
            (Circuit.state == OPEN, Circuit.opened_at + self._cooldown),
            (Circuit.state == HALF_OPEN, Circuit.trial_until),
        )
        left = extract("epoch", due - func.now())
        row = await self._fetch_first(
            select(Circuit.state, Circuit.failures, left).where(Circuit.name == self.name)
        )
        if row is None:
            return BreakerStatus(BreakerState.CLOSED, 0, 0.0)
        return BreakerStatus(STATES[row[0]], row[1], max(0.0, float(row[2] or 0)))

    async def reset(self) -> None:
        """Close the breaker by hand. Other processes that know of it refuse until its time is over."""
        self._open_until = 0.0
        await self._fetch_first(delete(Circuit).where(Circuit.name == self.name).returning(Circuit.name))

    async def _take_trial(self) -> uuid.UUID | None:
        """Half-open the breaker if its time is over, and return what proves that the trial is ours."""
        trial = uuid.uuid4()
        over = or_(
            and_(Circuit.state == OPEN, Circuit.opened_at + self._cooldown <= func.now()),
            and_(Circuit.state == HALF_OPEN, Circuit.trial_until <= func.now()),
        )
        taken = (
            update(Circuit)
            .where(Circuit.name == self.name, over)
            .values(state=HALF_OPEN, trial=trial, trial_until=func.now() + self._trial)
        )
        row = await self._fetch_first(taken.returning(Circuit.state))
        if row is None:
            return None
        self._note_change(row[0])
        return trial

    async def _note(self, before: BreakerStatus, trial: uuid.UUID | None, *, well: bool) -> None:
        """Write down what became of a call that met the breaker as it was `before`."""
        if trial is not None:
            await self._end_trial(trial, well=well)
        elif not well:
            await self._count_failure()
        elif before.failures:
            cleared = update(Circuit).where(Circuit.name == self.name, Circuit.state == CLOSED)
            await self._fetch_first(cleared.values(failures=0).returning(Circuit.name))

    async def _end_trial(self, trial: uuid.UUID, *, well: bool) -> None:
        """Close the breaker, or open it again, unless the trial has been taken from us."""
        values: dict[str, Any] = {"trial": None, "trial_until": None}
        if well:
            values |= {"state": CLOSED, "failures": 0, "opened_at": None}
        else:
            values |= {"state": OPEN, "failures": Circuit.failures + 1, "opened_at": func.now()}
        ended = update(Circuit).where(Circuit.name == self.name, Circuit.trial == trial).values(values)
        row = await self._fetch_first(ended.returning(Circuit.state))
        if row is not None:
            self._note_change(row[0])

    async def _give_back(self, trial: uuid.UUID) -> None:
        """Let another call have the trial: ours said nothing."""
        ours = update(Circuit).where(Circuit.name == self.name, Circuit.trial == trial)
        free = ours.values(state=OPEN, trial=None, trial_until=None)
        await self._fetch_first(free.returning(Circuit.name))

    async def _count_failure(self) -> None:
        """Count one failure more in a row, and open the breaker where that is one too many."""
        too_many = Circuit.failures + 1 >= self._threshold
        at_once = self._threshold <= 1
        counted = insert(Circuit).values(
            name=self.name,
            failures=1,
            state=OPEN if at_once else CLOSED,
            opened_at=func.now() if at_once else None,
        )
        counted = counted.on_conflict_do_update(
            index_elements=[Circuit.name],
            set_={
                "failures": Circuit.failures + 1,
                "state": case((too_many, OPEN), else_=CLOSED),
                "opened_at": case((too_many, func.now()), else_=None),
            },
            where=Circuit.state == CLOSED,
        )
        row = await self._fetch_first(counted.returning(Circuit.state))
        if row is not None and row[0] == OPEN:
            self._note_change(OPEN)

    async def _write(self, change: Awaitable[None]) -> None:
        try:
            await change
        except (OSError, SQLAlchemyError):
            log.exception("what became of a guarded call could not be written down")

    async def _fetch_first(self, statement: Any) -> Any:
        async with self._database.autocommit() as connection:
            return (await connection.execute(statement)).first()

    def _refusal(self, retry_after_s: float) -> CircuitOpen:
        self._tell(CallRefused(self.name))
        return CircuitOpen(self.name, retry_after_s)

    def _note_change(self, state: str) -> None:
        """Take note of a change that this process made."""
        now = STATES[state]
        cooldown_s = self._cooldown.total_seconds()
        self._open_until = time.monotonic() + cooldown_s if now is BreakerState.OPEN else 0.0
        log.warning("%s: the circuit breaker is %s now", self.name, now.replace("_", " "))
        self._tell(BreakerChanged(self.name, now))

    def _tell(self, event: ResilienceEvent) -> None:
        if self._listener is not None:
            self._listener(event)
