"""Stages of phones: the app itself on a device, or its web build in a browser that Appium drives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from flutter_bridge import AppUnreachable, BridgeError, FlutterApp
from flutter_bridge.appium import AppiumSession, open_appium_app
from flutter_bridge.mobile_web import open_mobile_web_app
from journeys.devices.preflight import check_device
from journeys.devices.providers import PROVIDERS
from journeys.devices.sessions.pool import DevicePool
from journeys.redaction import redact
from journeys.targets import Target

START_TIMEOUT_S = 90.0
"""How long a session, or an app's start, may take: a cold emulator is slow."""

QUEUE_TIMEOUTS_S: Mapping[str, float] = {"grid": 300.0, "device-farm": 180.0}
"""For how long providers let a request wait for a free device, where nobody has set it otherwise."""

MARK_TIMEOUT_S = 10.0
"""How long a mark may take: nothing waits for it but the next journey."""


def app_start_timeout(target: Target) -> float:
    """Return the seconds that an app's start on a target may take."""
    return target.start_timeout or START_TIMEOUT_S


def session_start_timeout(target: Target) -> float:
    """Return the seconds that a session on a target may take, with those for which its provider queues."""
    return target.start_timeout or START_TIMEOUT_S + QUEUE_TIMEOUTS_S.get(target.provider or "", 0.0)


class AppiumStage:
    """The app on devices of a pool, without any data for each actor, in a device's first theme.

    `links` is what makes an address of a deep link's path; `transit` the seconds within which what the device
    streams is here. `marking` marks what was `played`, and how it went, once the app is left.
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
        played: PlayedJourney | None = None,
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
            stack.enter_context(redact_errors())
            session = await stack.enter_async_context(self._pool.lease(actor))
            await check_device(session, self.target)
            yield await stack.enter_async_context(
                open_appium_app(
                    session=session,
                    artifacts=self._evidence,
                    links=self._links,
                    timeout=self._settings.timeout,
                    start_timeout=app_start_timeout(self._settings),
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
            stack.enter_context(redact_errors())
            yield await stack.enter_async_context(
                open_mobile_web_app(
                    server=self._server,
                    capabilities=self._capabilities(),
                    url=self._url,
                    artifacts=self._evidence,
                    timeout=self._settings.timeout,
                    start_timeout=app_start_timeout(self._settings),
                    session_timeout=session_start_timeout(self._settings),
                    target=self.target,
                )
            )


@dataclass(frozen=True, slots=True)
class PlayedJourney:
    """A journey that is played; `failed` says how it went, None where it was cut short.

    `test` tells its runs apart; another attempt at one of them takes the last one's place.
    """

    journey: str
    failed: Callable[[], bool | None]
    test: str = ""


class Marking:
    """The marks of a run's sessions, each of which is there for one journey after the other.

    A session passed when all of its journeys did.
    """

    def __init__(self) -> None:
        self._played: dict[str, dict[tuple[str, str], bool]] = {}

    async def mark(self, session: AppiumSession, provider: str | None, played: PlayedJourney) -> None:
        """Mark a session after one more journey where its provider has marks; one refused costs nothing."""
        failed = played.failed()
        if provider is None or failed is None or session.is_lost:
            return
        journeys = self._played.setdefault(session.id, {})
        journeys[played.journey, played.test] = failed
        broken = dict.fromkeys(journey for (journey, _), did in journeys.items() if did)
        passed = dict.fromkeys(journey for journey, _ in journeys)
        reason = f"did not pass: {', '.join(broken)}" if broken else f"passed: {', '.join(passed)}"
        script = PROVIDERS[provider].mark(passed=not broken, reason=reason)
        if script is not None:
            with suppress(BridgeError):
                await session.script(script, seconds=MARK_TIMEOUT_S)


@contextmanager
def redact_errors() -> Iterator[None]:
    """Take the environment's secrets out of what is raised: servers repeat what they were asked for."""
    try:
        yield
    except AppUnreachable as problem:
        clean = redact(str(problem))
        if clean == str(problem):
            raise
        # What it came from has the secret in it, and a traceback would show it.
        raise type(problem)(clean) from None
