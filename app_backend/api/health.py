"""Routes: is the backend there, can it work, what time is it."""

from __future__ import annotations

import time

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError

from app_backend.api.dependencies import ServicesNeeded
from app_backend.api.problems import problems
from app_backend.errors import Problem
from app_backend.resilience import BreakerState

router = APIRouter(tags=["operation"])


class Health(BaseModel):
    """All is well."""

    status: str = "ok"


class PictureProcessingState(BaseModel):
    """The circuit breaker of picture processing, as all processes on the database share it."""

    state: BreakerState
    failures: int = Field(description="How many pictures in a row could not be processed.")
    retry_after_s: float = Field(description="Seconds until the next picture is tried; 0 while it is closed.")


class Readiness(Health):
    """Requests can be fulfilled; uploads of pictures only unless `picture_processing` is open."""

    picture_processing: PictureProcessingState


class Now(BaseModel):
    """The backend's wall clock."""

    now: float


@router.get("/healthz")
async def alive() -> Health:
    """Tell that the process is alive."""
    return Health()


@router.get("/readyz", responses=problems(503))
async def ready(services: ServicesNeeded) -> Readiness:
    """Tell whether requests can be fulfilled: the database answers.

    While pictures can't be processed all else works: the backend is ready nevertheless, and says so.
    """
    if not await services.database.is_reachable():
        raise _out_of_reach()
    try:
        breaker = await services.processing.status()
    except (OSError, SQLAlchemyError) as error:  # since then
        raise _out_of_reach() from error
    return Readiness(
        picture_processing=PictureProcessingState(
            state=breaker.state, failures=breaker.failures, retry_after_s=breaker.retry_after_s
        )
    )


@router.get("/time")
async def now() -> Now:
    """Read the clock that `committed_at` is taken from, in Unix seconds."""
    return Now(now=time.time())


def _out_of_reach() -> Problem:
    return Problem(503, "the database is out of reach", headers={"Retry-After": "1"})
