"""The fixtures a journey's parameters name: `cast` and `pictures`, and what they are made of."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from journeys.errors import SetupError
from journeys.journey import journey_of
from journeys.measuring import DEFAULT_OBSERVERS
from journeys.pytest_plugin.attempts import ATTEMPT, TIMELINE
from journeys.pytest_plugin.session import SESSION
from journeys.timeline import Timeline

if TYPE_CHECKING:
    from journeys.backend import Backend
    from journeys.cast import Cast
    from journeys.devices.sessions import Devices
    from journeys.pictures import PhotographFolder, PictureBook
    from journeys.stage import Stage
    from journeys.targets import Target


@pytest.fixture(scope="session")
def journey_target(request: pytest.FixtureRequest) -> str:
    """Name the target the journey runs on, or the cast that says where its actors are played."""
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
        line.subscribe(console.show_event)
    return line


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def journey_devices(pytestconfig: pytest.Config) -> AsyncIterator[Devices]:
    """Reach the phones; their sessions with Appium end with the run."""
    from journeys.devices.sessions import Devices, Leasing  # noqa: PLC0415 - a session on the web needs none

    session = pytestconfig.stash[SESSION]
    session.start_servers()
    async with AsyncExitStack() as opened:
        if session.store:
            from journeys.devices.leases import Leases, open_database  # noqa: PLC0415 - only the nightly job has any

            named = "://" in session.store
            database = await opened.enter_async_context(
                open_database(session.store if named else None, Path(session.store))
            )
            session.leasing = Leasing(Leases(database), holder=session.holder)
        yield await opened.enter_async_context(
            Devices(
                session.places.values(),
                addresses=session.addresses,
                leasing=session.leasing,
                noted=session.devices_used.append,
            )
        )


@pytest.fixture
def stage_for(
    request: pytest.FixtureRequest, pytestconfig: pytest.Config, journey_target: str, output_path: str
) -> Callable[[str], Stage]:
    """Return where each actor's app is opened, by the actor's name."""
    from journeys.stage import WebStage  # noqa: PLC0415 - a session without journeys needs none of it

    session = pytestconfig.stash[SESSION]
    session.start_servers()
    casting = session.casting(journey_target)
    journey = journey_of(request.node.obj)
    app_url, evidence = session.address_of(session.configuration.app), Path(output_path)

    def stage(target: Target) -> Stage:
        # Asked for here, and not as a parameter: a target that is no browser must not start one.
        if target.platform == "web":
            new_context = request.getfixturevalue("new_context")
            return WebStage(
                new_context=new_context,
                url=app_url,
                evidence=evidence,
                target=target.name,
                theme=target.theme,
            )
        from journeys.devices.sessions import PlayedJourney  # noqa: PLC0415 - a session on the web needs none

        devices: Devices = request.getfixturevalue("journey_devices")
        played = PlayedJourney(
            journey.id if journey else request.node.originalname,
            lambda: request.node.stash[ATTEMPT].failed,
            test=request.node.nodeid,
        )
        return devices.stage(target, app_url=app_url, evidence=evidence, played=played)

    stages = {target.name: stage(target) for target in casting.targets}
    return lambda actor: stages[casting.target_of(actor).name]


@pytest_asyncio.fixture(loop_scope="session")
async def cast(
    request: pytest.FixtureRequest,
    journey_backend: Backend,
    stage_for: Callable[[str], Stage],
    timeline: Timeline,
    output_path: str,
    pytestconfig: pytest.Config,
) -> AsyncIterator[Cast]:
    """Gather who takes part in the journey; everyone's app is closed with it.

    Where the journey did not pass, each app is asked before for what tells why.
    """
    from journeys.cast import Cast  # noqa: PLC0415 - a session without journeys needs none of it
    from journeys.identifiers import Identifiers  # noqa: PLC0415 - likewise
    from journeys.snapshots import Snapshots  # noqa: PLC0415 - likewise

    session = pytestconfig.stash[SESSION]
    journey = journey_of(request.node.obj)
    async with Cast(
        backend=journey_backend,
        stage_for=stage_for,
        timeline=timeline,
        evidence=Path(output_path),
        identifiers=Identifiers.from_settings(session.configuration.identifiers),
        screens=Snapshots(
            session.screens, journey=journey.id if journey else request.node.originalname, timeline=timeline
        ),
    ) as gathered:
        yield gathered
        if request.node.stash[ATTEMPT].failed:
            await gathered.keep_evidence()


@pytest.fixture(scope="session")
def journey_photographs(pytestconfig: pytest.Config) -> PhotographFolder | None:
    """Return the configured folder of photographs, if any; each is read when it is first needed."""
    from journeys.pictures import PhotographFolder, PictureError  # noqa: PLC0415 - likewise

    configuration = pytestconfig.stash[SESSION].configuration
    if configuration.pictures is None:
        return None
    try:
        folder = PhotographFolder(configuration.pictures)
        next(folder.shuffle(0))
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
    photographs = journey_photographs.shuffle(seed) if journey_photographs else ()
    return PictureBook(seed=seed, photographs=photographs)
