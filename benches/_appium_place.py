"""Where the Appium bench plays: backend, app, Appium and stand-ins, started as journeys start them."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

from flutter_bridge.appium import AppiumSession, open_appium_session
from journeys.cast import CastOptions
from journeys.configuration import Server, read_configuration
from journeys.devices import APPIUM, STAND_IN, servers_for, stand_in_place
from journeys.devices.sessions import (
    STAND_IN_LINKS,
    STAND_IN_TRANSIT_S,
    START_TIMEOUT_S,
    AppiumStage,
    DevicePool,
    app_capabilities,
)
from journeys.profile import ProfileCast
from journeys.profile.http_backend import HttpBackend
from journeys.run.servers import Servers
from journeys.stage import Stage
from journeys.targets import FrameKind, Target
from journeys.timeline import Timeline

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Place:
    """What runs, and every session that was opened on it, in the order they were."""

    stages: Mapping[FrameKind, Stage]
    backend: HttpBackend
    backend_url: str
    evidence: Path
    sessions: list[AppiumSession] = field(default_factory=list)

    @property
    def sent(self) -> int:
        """How many requests all sessions have sent to Appium."""
        return sum(session.sent_count for session in self.sessions)

    def cast(self, *, frames: FrameKind = "mjpeg") -> ProfileCast:
        """Return a cast whose actors are all played on stand-ins, watched by frames of one kind."""
        options = CastOptions(
            stage_for=lambda _: self.stages[frames], timeline=Timeline(), evidence=self.evidence
        )
        return ProfileCast(options, backend=self.backend)


@asynccontextmanager
async def open_place(*, debugging_port: int | None = None, faults: bool = False) -> AsyncIterator[Place]:
    """Start everything; it ends with the context.

    `debugging_port` is one at which the stand-ins' Chromium is to answer; `faults` lets the backend delay its
    events when told to.
    """
    place = stand_in_place(Target(name="android", platform="android", stand_in=True), 3)
    configuration = read_configuration(ROOT)
    servers = (*configuration.servers, *servers_for([place], app=configuration.app, root=ROOT))
    if faults:
        servers = tuple(
            _with_faults(each) if each.name == configuration.backend else each for each in servers
        )
    if debugging_port is not None:
        argument = f"--browser-argument=--remote-debugging-port={debugging_port}"
        servers = tuple(
            replace(each, command=(*each.command, argument)) if each.name == STAND_IN else each
            for each in servers
        )
    configuration = replace(configuration, servers=servers)
    with Servers(configuration) as running, tempfile.TemporaryDirectory() as folder:
        backend_url, opened = running.addresses[configuration.backend], list[AppiumSession]()

        @asynccontextmanager
        async def connect(device: str | None) -> AsyncIterator[AppiumSession]:
            async with open_appium_session(
                server=running.addresses[APPIUM],
                capabilities=app_capabilities(place, device),
                start_timeout=START_TIMEOUT_S,
            ) as session:
                opened.append(session)
                yield session

        def lease(device: str | None) -> AbstractAsyncContextManager[AppiumSession]:
            return connect(device)

        evidence = Path(folder)
        async with (
            HttpBackend(backend_url) as backend,
            DevicePool(place.display_name, place.devices, lease) as pool,
        ):
            stages = {
                kind: AppiumStage(
                    pool,
                    replace(place.target, frames=kind),
                    name=place.display_name,
                    links=STAND_IN_LINKS,
                    evidence=evidence,
                    transit=STAND_IN_TRANSIT_S,
                )
                for kind in get_args(FrameKind)
            }
            yield Place(stages, backend, backend_url, evidence, opened)


def _with_faults(server: Server) -> Server:
    return replace(server, env={**server.env, "APP_BACKEND_FAULTS": "1"})
