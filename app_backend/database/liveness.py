"""Hand out no connection that PostgreSQL has ended, and don't ask it each time whether it has.

SQLAlchemy's own pre-ping asks at every checkout, in a transaction: three ways to the server and back, where
most of what follows needs one.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

ASK_AFTER_S = 5.0
"""A connection that nobody used for so long is asked: its server may be gone without a word."""

_USED_AT = "used_at"


def check_connections(engine: Engine) -> None:
    """Have every connection looked at when it is handed out; one that is dead is replaced by a new one.

    That the server has ended a connection is known here without asking: asyncpg follows the socket.
    """

    @event.listens_for(engine, "checkin")
    def note(_connection: Any, record: Any) -> None:
        record.info[_USED_AT] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def look(connection: Any, record: Any, _proxy: Any) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError("the server has ended this connection")
        idle = time.monotonic() - record.info.get(_USED_AT, time.monotonic())
        if idle > ASK_AFTER_S:
            try:
                engine.dialect.do_ping(connection)
            except (engine.dialect.loaded_dbapi.Error, OSError) as error:
                raise DisconnectionError("the server doesn't answer on this connection") from error
