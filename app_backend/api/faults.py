"""Routes: arm faults on purpose. They are there only where the settings allow it, and for operators alone."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError

from app_backend.api.json_body import StrictJsonRoute
from app_backend.api.operators import OperatorOnly
from app_backend.api.problems import problems
from app_backend.errors import Problem
from app_backend.faults import CATALOGUE, Fault, Faults

router = APIRouter(tags=["faults"], dependencies=[OperatorOnly], route_class=StrictJsonRoute)


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


def _kind(name: str) -> type[Fault]:
    kind = CATALOGUE.get(name)
    if kind is None:
        raise Problem(404, f"there is no such fault: there are {', '.join(CATALOGUE)}")
    return kind


FaultsNeeded = Annotated[Faults, Depends(_faults)]
Kind = Annotated[type[Fault], Depends(_kind)]

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


@router.get("/faults", responses=problems(401, 403))
async def all_faults(faults: FaultsNeeded) -> FaultStates:
    """Tell which faults there are, what is armed in this process, and how often each has struck."""
    return FaultStates(faults=[_state(faults, name, fault) for name, fault in faults.all().items()])


@router.put("/faults/{name}", responses=problems(401, 403, 404, 422), openapi_extra=BODY)
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


@router.delete("/faults/{name}", status_code=204, responses=problems(401, 403, 404))
async def disarm(name: str, _kind: Kind, faults: FaultsNeeded) -> None:
    """Disarm a fault."""
    faults.disarm(name)


@router.delete("/faults", status_code=204, responses=problems(401, 403))
async def disarm_all(faults: FaultsNeeded) -> None:
    """Disarm all faults."""
    faults.disarm_all()


def _state(faults: Faults, name: str, fault: Fault | None) -> FaultState:
    return FaultState(
        name=name,
        meaning=" ".join((inspect.getdoc(CATALOGUE[name]) or "").split()),
        armed=fault.model_dump(mode="json") if fault is not None else None,
        struck=faults.struck[name],
    )
