"""The fixtures of the journeys of the profile: their backend, their app's names, their cast."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio

from journeys.cast import CastOptions
from journeys.chaos import LEFTOVERS, Fault, Leftovers
from journeys.data import Scenario, read_scenario
from journeys.errors import UsageError
from journeys.profile.backend import Backend, NoBackend, Person
from journeys.profile.cast import ProfileCast
from journeys.profile.faults import find_faults
from journeys.profile.http_backend import HttpBackend
from journeys.profile.identifiers import Identifiers
from journeys.profile.scenario_loading import LoadScenario, ScenarioBackend, ScenarioPerson
from journeys.profile.scenarios import FORMAT
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


@pytest_asyncio.fixture(loop_scope="session")
async def load_scenario(backend_address: str, run_spec: RunSpec) -> AsyncIterator[LoadScenario]:
    """Give what loads a scenario of `e2e/data` by its name, with people who are new to the backend.

    They are taken out again at the journey's end: what is odd in them would slow everybody else's feed.
    """
    loaded: list[tuple[Scenario, dict[str, Person]]] = []
    async with ScenarioBackend(backend_address) as backend:

        async def load(name: str) -> dict[str, ScenarioPerson]:
            scenario = read_scenario(run_spec.configuration.root / "e2e" / "data" / f"{name}.toml", FORMAT)
            people = await backend.load(scenario, domain=f"{secrets.token_hex(6)}.{name}.example.test")
            loaded.append((scenario, people))
            return {record: ScenarioPerson(person) for record, person in people.items()}

        yield load
        for scenario, people in loaded:
            await backend.remove(scenario, people)


@pytest.fixture(scope="session")
def identifiers(run_spec: RunSpec) -> Identifiers:
    """Return what the app calls its places."""
    return Identifiers.from_settings(run_spec.configuration.identifiers)


@pytest_asyncio.fixture(loop_scope="session")
async def cast(
    cast_options: CastOptions, journey_backend: Backend, identifiers: Identifiers, run_spec: RunSpec
) -> AsyncIterator[ProfileCast]:
    """Gather who takes part in the journey; everyone's app is closed with it."""
    faults: Mapping[str, Fault] = {}
    if isinstance(journey_backend, HttpBackend):
        left = Leftovers(run_spec.configuration.root / LEFTOVERS)
        faults = await find_faults(journey_backend.url, left)
    async with ProfileCast(
        cast_options, backend=journey_backend, identifiers=identifiers, faults=faults
    ) as players:
        yield players
