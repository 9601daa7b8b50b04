"""The fixtures of the journeys of the profile: their backend, their app's names, their cast."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from journeys.cast import CastOptions
from journeys.errors import UsageError
from journeys.profile.backend import Backend, NoBackend
from journeys.profile.cast import ProfileCast
from journeys.profile.http_backend import HttpBackend
from journeys.profile.identifiers import Identifiers
from journeys.run import RunSpec


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def journey_backend(request: pytest.FixtureRequest) -> AsyncIterator[Backend]:
    """Reach the live backend, if there is one. Override it for one that speaks otherwise."""
    try:
        address = request.getfixturevalue("backend_address")
    except UsageError as missing:
        yield NoBackend(str(missing))
        return
    async with HttpBackend(address) as backend:
        yield backend


@pytest.fixture(scope="session")
def identifiers(run_spec: RunSpec) -> Identifiers:
    """Return what the app calls its places."""
    return Identifiers.from_settings(run_spec.configuration.identifiers)


@pytest_asyncio.fixture(loop_scope="session")
async def cast(
    cast_options: CastOptions, journey_backend: Backend, identifiers: Identifiers
) -> AsyncIterator[ProfileCast]:
    """Gather who takes part in the journey; everyone's app is closed with it."""
    async with ProfileCast(cast_options, backend=journey_backend, identifiers=identifiers) as players:
        yield players
