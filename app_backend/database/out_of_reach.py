"""Tell a database that is out of reach from all else that systems have errors for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event


class DatabaseOutOfReach(OSError):
    """No connection to the database can be opened; its text is the system's reason."""


def name_refusals(engine: Engine) -> None:
    """Have an engine raise `DatabaseOutOfReach` where a connection can't be opened, and no bare `OSError`."""

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        try:
            return dialect.connect(*arguments, **options)
        except OSError as error:
            raise DatabaseOutOfReach(str(error)) from error
