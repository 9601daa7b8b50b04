"""Stages of phones: the app itself on a device, or its web build in a browser that Appium drives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from flutter_bridge import FlutterApp
from flutter_bridge.appium import open_appium_app
from flutter_bridge.mobile_web import open_mobile_web_app
from journeys.devices.discretion import discreetly
from journeys.devices.honesty import check_device
from journeys.devices.marking import Marking, Played
from journeys.devices.pool import DevicePool
from journeys.targets import Target

STARTING = 90.0
"""Seconds a session, or an app's start, may take: a cold emulator is slow."""

QUEUES: Mapping[str, float] = {"grid": 300.0, "device-farm": 180.0}
"""Seconds for which providers let a request wait for a free device, where nobody has set it otherwise."""


def starting(target: Target) -> float:
    """Return the seconds that an app's start on a target may take."""
    return target.start_timeout or STARTING


def opening(target: Target) -> float:
    """Return the seconds that a session on a target may take, with those for which its provider queues."""
    return target.start_timeout or STARTING + QUEUES.get(target.provider or "", 0.0)


class AppiumStage:
    """The app on devices of a pool, without any data for each actor, in a device's first theme.

    `links` is what makes an address of a deep link's path; `transit` the seconds within which what the device
    streams is here. `marking` is told of what was `played`, and how it went, once the app is left.
    """

    theme = "light"

    def __init__(
        self,
        pool: DevicePool,
        settings: Target,
        *,
        name: str,
        links: str | None,
        evidence: Path,
        transit: float,
        marking: Marking | None = None,
        played: Played | None = None,
    ) -> None:
        self._pool = pool
        self._settings = settings
        self._links = links
        self._transit = transit
        self._evidence = evidence
        self._marking = marking
        self._played = played
        self.target = name

    @asynccontextmanager
    async def open(self, actor: str) -> AsyncIterator[FlutterApp]:
        """Lease a device to the actor and start the app on it: nobody is signed in there.

        Raises `SetupError` for a device whose screen or clock isn't what it says.
        """
        # Entered first: it hears of what goes wrong while the others are opened.
        async with AsyncExitStack() as stack:
            stack.enter_context(discreetly())
            session = await stack.enter_async_context(self._pool.lease(actor))
            await check_device(session, self.target)
            yield await stack.enter_async_context(
                open_appium_app(
                    session=session,
                    artifacts=self._evidence,
                    links=self._links,
                    timeout=self._settings.timeout,
                    start_timeout=starting(self._settings),
                    target=self.target,
                    permissions=self._settings.permissions,
                    frames=self._settings.frames,
                    transit=self._transit,
                )
            )
            if self._marking is not None and self._played is not None:
                await self._marking.mark(session, self._settings.provider, self._played)


class MobileWebStage:
    """The app's web build in a browser that Appium drives, in a session of its own for each actor."""

    theme = "light"

    def __init__(
        self,
        settings: Target,
        *,
        server: str,
        capabilities: Callable[[], Mapping[str, object]],
        url: str,
        evidence: Path,
    ) -> None:
        self._settings = settings
        self._server = server
        self._capabilities = capabilities
        self._url = url
        self._evidence = evidence
        self.target = settings.name

    @asynccontextmanager
    async def open(self, actor: str) -> AsyncIterator[FlutterApp]:  # noqa: ARG002 - any session will do
        """Open the app in a fresh session: nobody is signed in there."""
        async with AsyncExitStack() as stack:
            stack.enter_context(discreetly())
            yield await stack.enter_async_context(
                open_mobile_web_app(
                    server=self._server,
                    capabilities=self._capabilities(),
                    url=self._url,
                    artifacts=self._evidence,
                    timeout=self._settings.timeout,
                    start_timeout=starting(self._settings),
                    session_timeout=opening(self._settings),
                    target=self.target,
                )
            )
