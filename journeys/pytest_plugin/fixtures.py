"""The fixtures a journey's parameters name: `cast` and `pictures`, and what they are made of."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from journeys.errors import SetupError
from journeys.measuring import DEFAULT_OBSERVERS
from journeys.pytest_plugin.collection import TIMELINE
from journeys.pytest_plugin.session import SESSION
from journeys.timeline import Timeline

if TYPE_CHECKING:
    from journeys.backend import Backend
    from journeys.cast import Cast
    from journeys.pictures import PhotographFolder, PictureBook
    from journeys.stage import Stage


@pytest.fixture(scope="session")
def journey_target(request: pytest.FixtureRequest) -> str:
    """Name the target the journey runs on."""
    target: str = request.param
    return target


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def journey_backend(pytestconfig: pytest.Config) -> AsyncIterator[Backend]:
    """Reach the live backend. Override it to point the journeys at one that speaks otherwise."""
    from journeys.backend import HttpBackend  # noqa: PLC0415 - a session without journeys needs none of it

    session = pytestconfig.stash[SESSION]
    session.start_servers()
    async with HttpBackend(session.address_of(session.configuration.backend)) as backend:
        yield backend


@pytest.fixture
def timeline(request: pytest.FixtureRequest) -> Timeline:
    """Return the journey's timeline: its events so far, and `subscribe` for those to come."""
    line: Timeline = request.node.stash.setdefault(TIMELINE, Timeline())
    console = request.config.stash[SESSION].console
    if console is not None:
        line.subscribe(console.heard)
    return line


@pytest.fixture
def stage(
    request: pytest.FixtureRequest, pytestconfig: pytest.Config, journey_target: str, output_path: str
) -> Stage:
    """Return where actors' apps are opened on this target."""
    from journeys.stage import WebStage  # noqa: PLC0415 - a session without journeys needs none of it

    session = pytestconfig.stash[SESSION]
    session.start_servers()
    return WebStage(
        # Asked for here, and not as a parameter: a target that is no browser must not start one.
        new_context=request.getfixturevalue("new_context"),
        url=session.address_of(session.configuration.app),
        evidence=Path(output_path),
        target=journey_target,
    )


@pytest_asyncio.fixture(loop_scope="session")
async def cast(
    journey_backend: Backend, stage: Stage, timeline: Timeline, output_path: str, pytestconfig: pytest.Config
) -> AsyncIterator[Cast]:
    """Gather who takes part in the journey; everyone's app is closed with it."""
    from journeys.cast import Cast  # noqa: PLC0415 - a session without journeys needs none of it
    from journeys.identifiers import Identifiers  # noqa: PLC0415 - likewise

    by_name: Callable[[str], Stage] = lambda _: stage  # noqa: E731 - one line says it all
    async with Cast(
        backend=journey_backend,
        stage_for=by_name,
        timeline=timeline,
        evidence=Path(output_path),
        identifiers=Identifiers.from_settings(pytestconfig.stash[SESSION].configuration.identifiers),
    ) as gathered:
        yield gathered


@pytest.fixture(scope="session")
def journey_photographs(pytestconfig: pytest.Config) -> PhotographFolder | None:
    """Return the configured folder of photographs, if any; each is read when it is first needed."""
    from journeys.pictures import PhotographFolder, PictureError  # noqa: PLC0415 - likewise

    configuration = pytestconfig.stash[SESSION].configuration
    if configuration.pictures is None:
        return None
    try:
        folder = PhotographFolder(configuration.pictures)
        next(folder.shuffled(0))
    except PictureError as problem:
        raise SetupError(f"tool.journeys.pictures: {problem}") from problem
    return folder


@pytest.fixture(scope="session")
def observers(pytestconfig: pytest.Config) -> int:
    """Say how many people look on: as many as `--journey-observers` asks for."""
    asked = pytestconfig.stash[SESSION].observers
    return DEFAULT_OBSERVERS if asked is None else asked


@pytest.fixture
def pictures(request: pytest.FixtureRequest, journey_photographs: PhotographFolder | None) -> PictureBook:
    """Return a book of pictures that are far apart; the same ones each time the same journey runs."""
    from journeys.pictures import PictureBook  # noqa: PLC0415 - a session without journeys needs none of it

    seed = int.from_bytes(hashlib.sha256(request.node.name.encode()).digest()[:4])
    photographs = journey_photographs.shuffled(seed) if journey_photographs else ()
    return PictureBook(seed=seed, photographs=photographs)
