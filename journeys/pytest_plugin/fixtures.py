"""The fixtures a journey's parameters name: `cast` and `pictures`, and what they are made of."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from journeys.cast import Cast, CastOptions
from journeys.commits import Commits
from journeys.errors import SetupError
from journeys.journey import journey_of
from journeys.pictures import PhotographFolder, PictureBook, PictureError
from journeys.pytest_plugin.attempts import ATTEMPT
from journeys.pytest_plugin.collection import TIMELINE
from journeys.pytest_plugin.project_settings import new_context_of
from journeys.pytest_plugin.session import SESSION
from journeys.run import RunSpec
from journeys.snapshots import Snapshots
from journeys.stage import Stage, WebStage
from journeys.targets import Target
from journeys.timeline import Timeline

if TYPE_CHECKING:
    from journeys.devices.sessions import Devices

__all__ = [
    "backend_address",
    "cast",
    "cast_options",
    "journey_commits",
    "journey_devices",
    "journey_photographs",
    "journey_target",
    "observers",
    "pictures",
    "run_spec",
    "stage_for",
    "timeline",
]


@pytest.fixture(scope="session")
def journey_target(request: pytest.FixtureRequest) -> str:
    """Name the target the journey runs on, or the cast that says where its actors are played."""
    target: str = request.param
    return target


@pytest.fixture(scope="session")
def journey_commits() -> Commits | None:
    """Return what reports a backend's commits: nothing does; override it where something can."""
    return None


@pytest.fixture(scope="session")
def run_spec(pytestconfig: pytest.Config) -> RunSpec:
    """Return what was asked for and configured, resolved."""
    return pytestconfig.stash[SESSION].spec


@pytest.fixture(scope="session")
def backend_address(pytestconfig: pytest.Config) -> str:
    """Return where the configured backend is; raises `UsageError` where there is none."""
    session = pytestconfig.stash[SESSION]
    session.start_environment()
    return session.environment.address_of(session.spec.configuration.backend)


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
    session = pytestconfig.stash[SESSION]
    session.start_environment()
    async with session.environment.open_devices() as devices:
        yield devices


@pytest.fixture
def stage_for(
    request: pytest.FixtureRequest, pytestconfig: pytest.Config, journey_target: str, output_path: str
) -> Callable[[str], Stage]:
    """Return where each actor's app is opened, by the actor's name."""
    session = pytestconfig.stash[SESSION]
    session.start_environment()
    casting = session.spec.casting(journey_target)
    evidence = Path(output_path)

    def stage(target: Target) -> Stage:
        app_url = session.address_of(session.spec.configuration.app) if target.shows_web_build else ""
        # Asked for here, and not as a parameter: a target that is no browser must not start one.
        if target.platform == "web":
            return WebStage(
                new_context=new_context_of(request),
                url=app_url,
                evidence=evidence,
                target=target.name,
                theme=target.theme,
            )
        from journeys.devices.sessions import PlayedJourney  # noqa: PLC0415 - a web target needs no Appium

        played = PlayedJourney(
            _name_of(request), lambda: request.node.stash[ATTEMPT].failed, test=request.node.nodeid
        )
        devices: Devices = request.getfixturevalue("journey_devices")
        return devices.stage(target, app_url=app_url, evidence=evidence, played=played)

    stages = {target.name: stage(target) for target in casting.targets}
    return lambda actor: stages[casting.target_of(actor).name]


@pytest.fixture
def cast_options(
    request: pytest.FixtureRequest,
    pytestconfig: pytest.Config,
    stage_for: Callable[[str], Stage],
    timeline: Timeline,
    output_path: str,
) -> CastOptions:
    """Return what every cast is given by the run, a kit's own as well."""
    session = pytestconfig.stash[SESSION]
    return CastOptions(
        stage_for=stage_for,
        timeline=timeline,
        evidence=Path(output_path),
        screens=Snapshots(session.spec.screens, journey=_name_of(request), timeline=timeline),
        has_failed=lambda: bool(request.node.stash[ATTEMPT].failed),
        strict=session.spec.options.strict,
        faults=session.environment.server_faults,
    )


@pytest_asyncio.fixture(loop_scope="session")
async def cast(cast_options: CastOptions, journey_commits: Commits | None) -> AsyncIterator[Cast]:
    """Gather who takes part in the journey; everyone's app is closed with it.

    A kit overrides this with a cast of its own.
    """
    async with Cast(cast_options, commits=journey_commits) as players:
        yield players


@pytest.fixture(scope="session")
def journey_photographs(pytestconfig: pytest.Config) -> PhotographFolder | None:
    """Return the configured folder of photographs, if any; each is read when it is first needed."""
    configuration = pytestconfig.stash[SESSION].spec.configuration
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
    return pytestconfig.stash[SESSION].spec.observer_count


@pytest.fixture
def pictures(request: pytest.FixtureRequest, journey_photographs: PhotographFolder | None) -> PictureBook:
    """Return a book of pictures that are far apart; the same ones each time the same journey runs."""
    seed = int.from_bytes(hashlib.sha256(request.node.name.encode()).digest()[:4])
    photographs = journey_photographs.shuffle(seed) if journey_photographs else ()
    return PictureBook(seed=seed, photographs=photographs)


def _name_of(request: pytest.FixtureRequest) -> str:
    journey = journey_of(request.node.obj)
    return journey.id if journey else str(request.node.originalname)
