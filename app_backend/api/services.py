"""Everything that the routes work with, made once per process."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from app_backend.access import RateLimits, SignIns
from app_backend.api.intake import Intake
from app_backend.avatars import Gallery, PictureProcessing
from app_backend.database import Database
from app_backend.events import Hub
from app_backend.faults import Faults
from app_backend.feed import Posts
from app_backend.observability import Metrics
from app_backend.profiles import Accounts, People, Removal
from app_backend.settings import Settings


@dataclass(frozen=True)
class Services:
    """What the routes work with."""

    settings: Settings
    database: Database
    accounts: Accounts
    sign_ins: SignIns
    intake: Intake
    rate_limits: RateLimits
    people: People
    removal: Removal
    gallery: Gallery
    processing: PictureProcessing
    posts: Posts
    hub: Hub
    faults: Faults | None
    """None unless the settings allow faults."""

    metrics: Metrics


async def services(request: Request) -> Services:
    """Return the services of the app that a request came to."""
    # Asynchronous though nothing is waited for: FastAPI sends the others through a thread.
    found: Services = request.app.state.services
    return found
