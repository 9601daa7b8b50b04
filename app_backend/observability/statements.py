"""How long the database takes, statement by statement."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from app_backend.observability.request import Part, current


def time_statements(engine: AsyncEngine) -> None:
    """Count each statement of an engine as time that its request spends on the database."""
    sync_engine = engine.sync_engine

    @event.listens_for(sync_engine, "before_cursor_execute")
    def _begin(
        _connection: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool
    ) -> None:
        # Kept with the statement: it may end, or fail, after its request has.
        context.of_request = facts = current.get()
        if facts is not None:
            facts.begin(Part.DATABASE)

    @event.listens_for(sync_engine, "after_cursor_execute")
    def _end(
        _connection: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool
    ) -> None:
        _over(context)

    @event.listens_for(sync_engine, "handle_error")
    def _failed(error: Any) -> None:
        _over(error.execution_context)


def _over(context: Any) -> None:
    """Note that a statement is over, once: what it returns may fail to be read later."""
    facts = getattr(context, "of_request", None)
    if facts is not None:
        context.of_request = None
        facts.end(Part.DATABASE)
