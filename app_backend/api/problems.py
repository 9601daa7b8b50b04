"""Errors as people and programs get them: `application/problem+json`, RFC 9457.

A database that is out of reach is one, too: 503, try again.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app_backend.api.bodies import WhileSending
from app_backend.database import DatabaseOutOfReach
from app_backend.errors import Problem
from app_backend.observability import request_id, route_of

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

DATABASE_AWAY = ("08", "57P0", "53300")
"""How PostgreSQL's error codes begin that say: connection lost, shutting down, starting, too many."""


class FieldProblem(BaseModel):
    """What is wrong with one field of a request."""

    field: str = Field(examples=["body.email"])
    message: str = Field(examples=["not an e-mail address"])


class ProblemBody(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["there is no such person"])
    errors: list[FieldProblem] | None = Field(
        default=None, description="Field by field, where a request is not valid."
    )
    incident: str | None = Field(default=None, description="Finds an unexpected error in the backend's log.")
    posts: int | None = Field(default=None, description="How many posts stand in the way, where some do.")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the errors of a route for the OpenAPI document."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
        }
        for status in sorted(statuses)
    }


def problem_response(
    status: int,
    detail: str,
    *,
    errors: Sequence[FieldProblem] | None = None,
    incident: str | None = None,
    members: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    kind: type[JSONResponse] = JSONResponse,
) -> JSONResponse:
    """Return an error as a response."""
    body = ProblemBody(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        errors=list(errors) if errors is not None else None,
        incident=incident,
        **(members or {}),
    )
    content = body.model_dump(exclude_none=True)
    return kind(content, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def install_problems(app: FastAPI) -> None:
    """Answer every error of an app as a problem."""

    @app.exception_handler(Problem)
    async def answer_problem(request: Request, error: Problem) -> JSONResponse:
        unread = error.status == 413 or getattr(request.state, "body_is_unread", False)
        return problem_response(
            error.status,
            error.detail,
            headers=error.headers,
            members=error.members,
            kind=WhileSending if unread else JSONResponse,
        )

    @app.exception_handler(HTTPException)
    async def answer_http_exception(request: Request, error: HTTPException) -> JSONResponse:
        headers = error.headers
        if error.status_code == 400:
            # FastAPI's word for a body that is not even text; one that is no JSON is 422 as well.
            return problem_response(422, "the request's body is no JSON")
        if error.status_code == 405:
            headers = {"Allow": ", ".join(_methods_at(request))}
        # Not the request's URL: that can't be put together where the query is not UTF-8.
        path = request.scope["path"]
        details = {
            404: f"there is nothing at {path}",
            405: f"{request.method} is not possible at {path}",
            408: "the request's body comes too slowly: send it again",
            413: "the request's body is too large",
        }
        detail = details.get(error.status_code, error.detail)
        kind = WhileSending if error.status_code in {408, 413} else JSONResponse
        return problem_response(error.status_code, detail, headers=headers, kind=kind)

    @app.exception_handler(RequestValidationError)
    async def answer_invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            FieldProblem(
                field=".".join(str(part) for part in each["loc"]),
                message=str(each["msg"]).removeprefix("Value error, "),
            )
            for each in error.errors()
        ]
        summary = "; ".join(f"{each.field}: {each.message}" for each in errors)
        return problem_response(422, summary, errors=errors)

    @app.exception_handler(PoolExhausted)
    @app.exception_handler(DatabaseOutOfReach)
    @app.exception_handler(DBAPIError)
    async def answer_outage(_request: Request, error: Exception) -> JSONResponse:
        # Whether a change was made is unknown then.
        if isinstance(error, DBAPIError) and not _is_away(error):
            raise error
        log.warning("the database is out of reach: %s", str(error).splitlines()[0])
        detail = "the database is out of reach just now: try again in a moment"
        return problem_response(503, detail, headers={"Retry-After": "1"})


def _methods_at(request: Request) -> list[str]:
    """Return what is possible at a path; the router itself names the methods of one route only."""
    methods: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        if route.path is not None and compile_path(route.path)[0].match(request.scope["path"]):
            methods |= route.methods or set()
    return sorted(methods)


def _is_away(error: DBAPIError) -> bool:
    code = str(getattr(error.orig, "sqlstate", None) or "")
    return error.connection_invalidated or code.startswith(DATABASE_AWAY)


class UnexpectedErrors:
    """Middleware that answers an unexpected error with a 500 and an id that stands in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI has it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_and_watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, send_and_watch)
        except Exception:
            # The request's id, so that all that was logged of it is found; its path may hold a secret.
            incident = request_id() or uuid.uuid4().hex
            log.exception("incident %s: %s %s", incident, scope["method"], route_of(scope))
            if started:
                raise
            detail = f"something went wrong here; the log has more under {incident}"
            await problem_response(500, detail, incident=incident)(scope, receive, send)
