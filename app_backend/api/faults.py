"""Routes: arm faults on purpose. They are there only where the settings ask for them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from app_backend.api.problems import problems
from app_backend.faults import MAX_EVENT_DELAY_S, Armed, Faults

router = APIRouter(tags=["faults"])


class ArmedFaults(BaseModel):
    """What is armed; what a request leaves out is disarmed."""

    model_config = ConfigDict(extra="forbid")

    event_delay_s: float = Field(default=0.0, ge=0.0, le=MAX_EVENT_DELAY_S, allow_inf_nan=False)


def _faults(request: Request) -> Faults:
    found: Faults = request.app.state.services.faults
    return found


FaultsNeeded = Annotated[Faults, Depends(_faults)]


@router.get("/faults")
async def armed(faults: FaultsNeeded) -> ArmedFaults:
    """Tell what is armed."""
    return ArmedFaults(event_delay_s=faults.armed.event_delay_s)


@router.put("/faults", responses=problems(422))
async def arm(wanted: ArmedFaults, faults: FaultsNeeded) -> ArmedFaults:
    """Arm faults in this process, in the place of those armed before."""
    faults.armed = Armed(event_delay_s=wanted.event_delay_s)
    return wanted


@router.delete("/faults", status_code=204)
async def disarm(faults: FaultsNeeded) -> None:
    """Disarm all faults."""
    faults.armed = Armed()
