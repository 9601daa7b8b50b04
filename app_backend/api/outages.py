"""A database that is out of reach, as people and programs get to know it: 503, try again."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.responses import JSONResponse

from app_backend.api.problems import problem_response
from app_backend.database import DatabaseOutOfReach

log = logging.getLogger(__name__)

AWAY = ("08", "57P0", "53300")
"""How the codes begin by which PostgreSQL says: connection lost, shutting down, starting, or too many."""


def install_outages(app: FastAPI) -> None:
    """Answer what fails for want of the database with 503; whether a change was made is then unknown."""

    @app.exception_handler(PoolExhausted)
    @app.exception_handler(DatabaseOutOfReach)
    @app.exception_handler(DBAPIError)
    async def answer_outage(_request: Request, error: Exception) -> JSONResponse:
        if isinstance(error, DBAPIError) and not _is_away(error):
            raise error
        log.warning("the database is out of reach: %s", str(error).splitlines()[0])
        detail = "the database is out of reach just now: try again in a moment"
        return problem_response(503, detail, headers={"Retry-After": "1"})


def _is_away(error: DBAPIError) -> bool:
    code = str(getattr(error.orig, "sqlstate", None) or "")
    return error.connection_invalidated or code.startswith(AWAY)
