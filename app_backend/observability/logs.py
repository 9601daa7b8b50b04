"""The log: JSON lines for machines in production, readable lines for people in development.

structlog renders what the standard library's loggers say, so that our own lines and those of libraries are of
one form, and each tells the request it belongs to.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import structlog

from app_backend.observability.redaction import blot_out
from app_backend.observability.request import request_id

if TYPE_CHECKING:
    from structlog.typing import Processor

CHATTY = ("alembic", "uvicorn", "httpx", "asyncio")
"""Loggers whose ordinary news nobody needs."""


class Lines(structlog.stdlib.ProcessorFormatter):
    """Renders records as lines: `timestamp`, `level`, `logger`, `event`, `request_id` and the rest."""

    def __init__(self, *, machine_readable: bool, colours: bool = False) -> None:
        meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
        readable = structlog.dev.ConsoleRenderer(
            # Plain: the other ones print the values of variables, among which are secrets.
            colors=colours,
            exception_formatter=structlog.dev.plain_traceback,
        )
        ending: Sequence[Processor] = (
            [
                meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ]
            if machine_readable
            else [meta, readable]
        )
        super().__init__(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                _drop_duplicates,
                _add_request,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=ending,
        )

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for a record, with nothing secret in it."""
        return blot_out(super().format(record))


def configure_logging(*, production: bool, stream: TextIO | None = None) -> None:
    """Send everything that this process logs to `stream` (standard error), in the form that fits."""
    to = stream or sys.stderr
    handler = logging.StreamHandler(to)
    handler.setFormatter(Lines(machine_readable=production, colours=not production and to.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _drop_duplicates(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Leave out what other handlers, and uvicorn, add to a record: it says the same again."""
    for name in ("message", "asctime", "color_message"):
        line.pop(name, None)
    return line


def _add_request(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    found = request_id()
    if found is not None:
        line.setdefault("request_id", found)
    return line
