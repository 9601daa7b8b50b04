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

from app_backend.observability.requests import request_id

if TYPE_CHECKING:
    from structlog.typing import Processor
import re

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
        return redact(super().format(record))


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


REDACTIONS = (
    # https://user:password@host
    ("://", re.compile(r"(?<=://)[^\s/@:\"']*:[^\s/@\"']*@"), "[credentials]@"),
    ("bearer", re.compile(r"(?i)\b(Bearer)\s+[A-Za-z0-9+/=._~-]+"), r"\1 [token]"),
    ("basic", re.compile(r"(?i)\b(Basic)\s+[A-Za-z0-9+/=._~-]+"), r"\1 [token]"),
    ("/uploads/", re.compile(r"(?<=/uploads/)[A-Za-z0-9_=-]+"), "[ticket]"),
    ("@", re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"), "[e-mail]"),
    (
        "x-amz-",
        re.compile(r"(?i)\b(X-Amz-(?:Signature|Credential|Security-Token))=[^\s&\"']+"),
        r"\1=[secret]",
    ),
)
"""A text that has to be there, in small letters, the pattern, and what takes its place.

The text is for speed: nearly every line has none of them, and every request has a line.
"""

RUN = re.compile(r"[A-Za-z0-9_-]{40,}")


def redact(line: str) -> str:
    """Return a finished line of the log without e-mail addresses, tokens, upload tickets and credentials.

    Last of all: texts from elsewhere (a driver's error, a traceback) may hold what we never log ourselves.
    """
    small = line.lower()
    for hint, pattern, blot in REDACTIONS:
        if hint in small:
            line = pattern.sub(blot, line)
    return RUN.sub(_redact_run, line)


def _redact_run(run: re.Match[str]) -> str:
    """Blot out our own tokens and tickets: long runs of base64 in small and capital letters, as no id has."""
    text = run[0]
    return text if text in {text.lower(), text.upper()} else "[secret]"
