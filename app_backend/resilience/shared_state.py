"""The state of circuit breakers in PostgreSQL, as purgatory reads and writes it.

purgatory loads a state, lets the call pass, and writes afterwards what became of it. With several processes
that is only right where each write is one statement that looks at the row as it is by then:

- A failure counts in the row; the statement that reaches the threshold opens.
- Who loads a breaker whose time is over takes the trial in the same statement: one of all processes does. All
  others are told that it is open.
- Only who holds the trial closes or opens a half-open breaker. What comes late from before is not heard.
"""

from __future__ import annotations

import logging
import math
import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from purgatory import AsyncAbstractUnitOfWork
from purgatory.domain.messages import Message
from purgatory.domain.model import CLOSED, HALF_OPENED, OPENED, Context

# Not among purgatory's public names, though what its public unit of work has to hold.
from purgatory.service._async.repository import AsyncAbstractRepository
from sqlalchemy import ColumnElement, and_, case, delete, extract, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from app_backend.database import Circuit

log = logging.getLogger(__name__)

TRIAL_RETRY_S = 1.0
"""When those who meet a trial under way may come again: it is over soon, one way or the other."""


class Circuits:
    """The rows of all breakers; every change is one statement, and a transaction of its own."""

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        threshold: int,
        cooldown_s: float,
        trial_s: float,
        changed: Callable[[str, str], None],
    ) -> None:
        self.threshold = threshold
        self.cooldown_s = cooldown_s
        self._trial = timedelta(seconds=trial_s)
        self._cooldown = timedelta(seconds=cooldown_s)
        self._changed = changed
        # One round trip where a transaction would take three.
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def look(self, name: str) -> tuple[str, int, float]:
        """Return a breaker's state, failures in a row, and seconds until a call may be tried."""
        row = await self._first(
            select(Circuit.state, Circuit.failures, self._left()).where(Circuit.name == name)
        )
        if row is None:
            return CLOSED, 0, 0.0
        state, failures, left = row
        return state, failures, max(0.0, float(left or 0))

    async def forget(self, name: str) -> None:
        """Remove a breaker's row: it is closed."""
        await self._first(delete(Circuit).where(Circuit.name == name).returning(Circuit.name))

    async def take_trial(self, name: str) -> uuid.UUID | None:
        """Half-open a breaker whose time is over, and return what proves that the trial is ours."""
        trial = uuid.uuid4()
        over = or_(
            and_(Circuit.state == OPENED, Circuit.opened_at + self._cooldown <= func.now()),
            and_(Circuit.state == HALF_OPENED, Circuit.trial_until <= func.now()),
        )
        taken = (
            update(Circuit)
            .where(Circuit.name == name, over)
            .values(state=HALF_OPENED, trial=trial, trial_until=func.now() + self._trial)
        )
        if await self._first(taken.returning(Circuit.name)) is None:
            return None
        self._changed(name, HALF_OPENED)
        return trial

    async def end_trial(self, name: str, trial: uuid.UUID, *, well: bool) -> None:
        """Close a breaker, or open it again, unless the trial has been taken from us."""
        values: dict[str, Any] = {"trial": None, "trial_until": None}
        if well:
            values |= {"state": CLOSED, "failures": 0, "opened_at": None}
        else:
            values |= {"state": OPENED, "failures": Circuit.failures + 1, "opened_at": func.now()}
        ended = update(Circuit).where(Circuit.name == name, Circuit.trial == trial).values(values)
        row = await self._first(ended.returning(Circuit.state))
        if row is not None:
            self._changed(name, row[0])

    async def give_back(self, name: str, trial: uuid.UUID) -> None:
        """Let another call have the trial: ours said nothing."""
        given = (
            update(Circuit)
            .where(Circuit.name == name, Circuit.trial == trial)
            .values(state=OPENED, trial=None, trial_until=None)
        )
        await self._first(given.returning(Circuit.name))

    async def count_failure(self, name: str) -> None:
        """Count one failure more in a row, and open the breaker where that is one too many."""
        too_many = Circuit.failures + 1 >= self.threshold
        at_once = self.threshold <= 1
        counted = insert(Circuit).values(
            name=name,
            failures=1,
            state=OPENED if at_once else CLOSED,
            opened_at=func.now() if at_once else None,
        )
        counted = counted.on_conflict_do_update(
            index_elements=[Circuit.name],
            set_={
                "failures": Circuit.failures + 1,
                "state": case((too_many, OPENED), else_=CLOSED),
                "opened_at": case((too_many, func.now()), else_=None),
            },
            where=Circuit.state == CLOSED,
        )
        row = await self._first(counted.returning(Circuit.state))
        if row is not None and row[0] == OPENED:
            self._changed(name, OPENED)

    async def clear_failures(self, name: str) -> None:
        """Begin to count anew."""
        cleared = update(Circuit).where(Circuit.name == name, Circuit.state == CLOSED).values(failures=0)
        await self._first(cleared.returning(Circuit.name))

    def _left(self) -> ColumnElement[Any]:
        due = case(
            (Circuit.state == OPENED, Circuit.opened_at + self._cooldown),
            (Circuit.state == HALF_OPENED, Circuit.trial_until),
        )
        return extract("epoch", due - func.now())

    async def _first(self, statement: Any) -> Any:
        async with self._engine.connect() as connection:
            return (await connection.execute(statement)).first()


class Call(AsyncAbstractUnitOfWork):
    """One guarded call. What it writes that can't be written is logged: the call itself is done."""

    def __init__(self, circuits: Circuits) -> None:
        self.circuits = circuits
        self.contexts = _Contexts(self)
        self.trial: uuid.UUID | None = None
        self.open_for_s = 0.0
        self.retry_after_s = 0.0
        self.abandoned = False

    async def abandon(self, name: str) -> None:
        """Let the call count for nothing."""
        self.abandoned = True
        if self.trial is not None:
            await self.write(self.circuits.give_back(name, self.trial))

    async def write(self, change: Awaitable[None]) -> None:
        """Await a change of a row."""
        try:
            await change
        except (OSError, SQLAlchemyError):
            log.exception("what became of a guarded call could not be written down")

    async def commit(self) -> None:
        """Do nothing: each statement stands for itself."""

    async def rollback(self) -> None:
        """Do nothing, as above."""


class _Contexts(AsyncAbstractRepository):
    """What purgatory asks of a storage."""

    def __init__(self, call: Call) -> None:
        self.messages: list[Message] = []
        self._call = call
        self._circuits = call.circuits

    async def get(self, name: str) -> Context | None:
        circuits, call = self._circuits, self._call
        state, failures, left = await circuits.look(name)
        if state == CLOSED:
            return Context(name, circuits.threshold, circuits.cooldown_s, CLOSED, failures)
        if left <= 0:
            call.trial = await circuits.take_trial(name)
        if call.trial is not None:
            return Context(name, circuits.threshold, circuits.cooldown_s, HALF_OPENED, failures)
        call.open_for_s = left if state == OPENED else 0.0
        call.retry_after_s = call.open_for_s or TRIAL_RETRY_S
        # Open for ever, as far as this call goes: its time is not for this process's clock to tell.
        return Context(name, circuits.threshold, circuits.cooldown_s, OPENED, failures, math.inf)

    async def register(self, context: Context) -> None:
        """Do nothing: a breaker without a row is a closed one, and `get` says so."""

    async def update_state(
        self,
        name: str,
        state: str,
        opened_at: float | None,  # noqa: ARG002 - the database's clock has the word
    ) -> None:
        # Without a trial it is a count that was reached, for which the row's own count decides.
        if self._call.trial is not None and not self._call.abandoned:
            await self._call.write(self._circuits.end_trial(name, self._call.trial, well=state == CLOSED))

    async def inc_failures(
        self,
        name: str,
        failure_count: int,  # noqa: ARG002 - counted in the row, where others count as well
    ) -> None:
        if not self._call.abandoned:
            await self._call.write(self._circuits.count_failure(name))

    async def reset_failure(self, name: str) -> None:
        if not self._call.abandoned:
            await self._call.write(self._circuits.clear_failures(name))
