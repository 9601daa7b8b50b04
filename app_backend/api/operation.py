"""Routes for operators: health, the clock, metrics, and faults armed on purpose.

Those of faults are there only where the settings allow it.
"""

from __future__ import annotations

import inspect
import time
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.exc import SQLAlchemyError

from app_backend.api.bodies import StrictJsonRoute
from app_backend.api.dependencies import OperatorOnly, ServicesNeeded
from app_backend.api.problems import problems
from app_backend.avatars import PICTURE_BREAKER
from app_backend.errors import Problem
from app_backend.faults import CATALOGUE, Faults, InjectedFault
from app_backend.observability import METRICS_MEDIA_TYPE
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


@router.get(
    "/metrics",
    dependencies=[OperatorOnly],
    response_class=Response,
    responses={200: {"description": "Figures", "content": {"text/plain": {}}}, **problems(401, 403)},
)
async def metrics(services: ServicesNeeded) -> Response:
    """Read what this process has done since it started, in Prometheus' text format."""
    statuses = {PICTURE_BREAKER: services.processing.status}
    statuses |= {each.name: each.status for each in services.provider_pictures.breakers.values()}
    for name, status in statuses.items():
        try:
            breaker = await status()
        except (OSError, SQLAlchemyError):  # the database is out of reach: all else can be told
            services.metrics.breaker(name, None)
        else:
            services.metrics.breaker(name, breaker.state)
    return Response(services.metrics.text(), media_type=METRICS_MEDIA_TYPE)


faults_router = APIRouter(tags=["faults"], dependencies=[OperatorOnly], route_class=StrictJsonRoute)


class FaultState(BaseModel):
    """A fault there is."""

    name: str = Field(examples=["storage_slow"])
    meaning: str
    armed: dict[str, Any] | None = Field(description="What it is armed with; null where it isn't.")
    struck: int = Field(description="How often it has, since this process started.")


class FaultStates(BaseModel):
    """All faults there are."""

    faults: list[FaultState]


def _faults(request: Request) -> Faults:
    found: Faults = request.app.state.services.faults
    return found


def _kind(name: str) -> type[InjectedFault]:
    kind = CATALOGUE.get(name)
    if kind is None:
        raise Problem(404, f"there is no such fault: there are {', '.join(CATALOGUE)}")
    return kind


FaultsNeeded = Annotated[Faults, Depends(_faults)]
Kind = Annotated[type[InjectedFault], Depends(_kind)]

BODY = {
    "requestBody": {
        "description": "What the fault can be armed with; all of it may be left out.",
        "content": {
            "application/json": {
                "schema": {"anyOf": [kind.model_json_schema() for kind in CATALOGUE.values()]}
            }
        },
    }
}


@faults_router.get("/faults", responses=problems(401, 403))
async def all_faults(faults: FaultsNeeded) -> FaultStates:
    """Tell which faults there are, what is armed in this process, and how often each has struck."""
    return FaultStates(faults=[_state(faults, name, fault) for name, fault in faults.all().items()])


@faults_router.put("/faults/{name}", responses=problems(401, 403, 404, 422), openapi_extra=BODY)
async def arm(
    name: str, kind: Kind, faults: FaultsNeeded, parameters: Annotated[dict[str, Any] | None, Body()] = None
) -> FaultState:
    """Arm a fault in this process, in the place of how it was armed before."""
    try:
        fault = kind.model_validate(parameters or {})
    except ValidationError as error:
        wrong = [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_url=False)]
        raise RequestValidationError(wrong) from error
    await faults.arm(fault)
    return _state(faults, name, faults.all()[name])


@faults_router.delete("/faults/{name}", status_code=204, responses=problems(401, 403, 404))
async def disarm(name: str, _kind: Kind, faults: FaultsNeeded) -> None:
    """Disarm a fault."""
    faults.disarm(name)


@faults_router.delete("/faults", status_code=204, responses=problems(401, 403))
async def disarm_all(faults: FaultsNeeded) -> None:
    """Disarm all faults."""
    faults.disarm_all()


def _state(faults: Faults, name: str, fault: InjectedFault | None) -> FaultState:
    return FaultState(
        name=name,
        meaning=" ".join((inspect.getdoc(CATALOGUE[name]) or "").split()),
        armed=fault.model_dump(mode="json") if fault is not None else None,
        struck=faults.struck[name],
    )
