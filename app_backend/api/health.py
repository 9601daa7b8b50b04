"""Routes: is the backend there, can it work, what time is it."""

from __future__ import annotations

import time

from fastapi import APIRouter
from pydantic import BaseModel

from app_backend.api.dependencies import ServicesNeeded
from app_backend.api.problems import problems
from app_backend.errors import Problem

router = APIRouter(tags=["operation"])


class Health(BaseModel):
    """All is well."""

    status: str = "ok"


class Now(BaseModel):
    """The backend's wall clock."""

    now: float


@router.get("/healthz")
async def alive() -> Health:
    """Tell that the process is alive."""
    return Health()


@router.get("/readyz", responses=problems(503))
async def ready(services: ServicesNeeded) -> Health:
    """Tell whether requests can be fulfilled: the database answers."""
    if not await services.database.is_reachable():
        raise Problem(503, "the database is out of reach", headers={"Retry-After": "1"})
    return Health()


@router.get("/time")
async def now() -> Now:
    """Read the clock that `committed_at` is taken from, in Unix seconds."""
    return Now(now=time.time())
