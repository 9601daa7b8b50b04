"""Opens a Flutter app on a device, in a session of its own or in one that is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from flutter_bridge.address import is_loopback
from flutter_bridge.app import FlutterApp, evidence_of_failed_start
from flutter_bridge.appium.android import Android
from flutter_bridge.appium.driver import TRANSIT_S, AppiumDriver, FrameKind
from flutter_bridge.appium.ios import IOS
from flutter_bridge.appium.platform import AppiumSession, Permissions, Platform, connect
from flutter_bridge.errors import BridgeError
from flutter_bridge.system_names import SystemNames
from local_server import free_port


class AppiumApp(FlutterApp):
    """A `FlutterApp` on a device; made by `open_appium_app`."""

    def __init__(self, driver: AppiumDriver, *, target: str, links: str | None, timeout: float) -> None:
        super().__init__(driver, target=target, links=links, timeout=timeout)
        self.session = driver.session
        """The session with the device, for what only a device knows; nothing that a journey needs."""
        self._forget = driver.forget

    async def orientation(self) -> str:
        """Return how the device is turned: `portrait` or `landscape`."""
        return str(await self.session.command("getScreenOrientation")).lower()

    async def turn(self, orientation: str) -> None:
        """Turn the device: `portrait` or `landscape`."""
        await self.session.command("setScreenOrientation", orientation=orientation.upper())
        self._forget()


def platform_for(
    capabilities: Mapping[str, object],
    *,
    pixel_ratio: float | None = None,
    system_names: SystemNames | None = None,
) -> Platform:
    """Return the platform that some capabilities ask for: Android where they don't say."""
    named = str(capabilities.get("platformName", "Android"))
    if named.casefold() == "android":
        return Android(pixel_ratio=pixel_ratio, system_names=system_names)
    if named.casefold() == "ios":
        return IOS(pixel_ratio=pixel_ratio, system_names=system_names)
    raise BridgeError(f"platformName {named!r} is none that is driven: use Android or iOS")


@asynccontextmanager
async def open_appium_session(
    *,
    server: str,
    capabilities: Mapping[str, object],
    pixel_ratio: float | None = None,
    system_names: SystemNames | None = None,
    frames: FrameKind | None = None,
    start_timeout: float = 60.0,
) -> AsyncIterator[AppiumSession]:
    """Open a session with a device, to open the app in it for one person after the other.

    - `server`: Appium's address; a name and a password in it are sent as HTTP asks for them.
    - `capabilities`: the driver's, with or without `appium:`; `appPackage`, or `app`, names the app.
    - `pixel_ratio`: how many physical pixels make a logical one, where the driver shouldn't be asked.
    - `system_names`: what the device's own dialogs and pickers call things, where that isn't known.
    - `frames`: `screenshots` where no stream of the screen is wanted.
    - `start_timeout`: seconds for the session to open.

    Raises `AppUnreachable` in one line where there is no session to be had.
    """
    wanted = dict(capabilities)
    if frames != "screenshots" and is_loopback(server) and not _has_capability(wanted, "mjpegServerPort"):
        wanted["mjpegServerPort"] = free_port()
    platform = platform_for(wanted, pixel_ratio=pixel_ratio, system_names=system_names)
    async with connect(server, wanted, platform, start_timeout=start_timeout) as session:
        yield session


@asynccontextmanager
async def open_appium_app(
    *,
    artifacts: Path,
    server: str = "",
    capabilities: Mapping[str, object] | None = None,
    session: AppiumSession | None = None,
    link: str = "/",
    links: str | None = None,
    timeout: float = 10.0,
    start_timeout: float = 60.0,
    target: str = "android",
    pixel_ratio: float | None = None,
    system_names: SystemNames | None = None,
    permissions: Permissions = "allow",
    frames: FrameKind | None = None,
    transit: float = TRANSIT_S,
) -> AsyncIterator[AppiumApp]:
    """Start a Flutter app on a device without any data, and leave it at the end.

    - `server`, `capabilities`, `pixel_ratio`, `system_names`: for a session of its own, as
      `open_appium_session` takes them; or `session`, one that is kept.
    - `artifacts`: the folder that screenshots of failures go to; made when needed.
    - `link`: the deep link to open first; `links` is what makes it an address, such as `app://open`.
    - `timeout`: seconds that every wait may take; `start_timeout` those that a start may.
    - `permissions`: what is answered when the system asks for one; `ask` leaves its dialog to the journey.
    - `frames`: how the screen is watched; by MJPEG where that can be had, if nothing is said.
    - `transit`: seconds within which what the driver streams arrives.
    """
    async with AsyncExitStack() as stack:
        if session is None:
            session = await stack.enter_async_context(
                open_appium_session(
                    server=server,
                    capabilities=capabilities or {},
                    pixel_ratio=pixel_ratio,
                    system_names=system_names,
                    frames=frames,
                    start_timeout=start_timeout,
                )
            )
        driver = AppiumDriver(
            session,
            artifacts=artifacts,
            target=target,
            timeout=timeout,
            start_timeout=start_timeout,
            permissions=permissions,
            frames=frames,
            transit=transit,
        )
        app = AppiumApp(driver, target=target, links=links, timeout=timeout)
        stack.push_async_callback(app.close)
        async with evidence_of_failed_start(app, artifacts):
            await app.start(link)
        yield app


def _has_capability(capabilities: Mapping[str, object], name: str) -> bool:
    return name in capabilities or f"appium:{name}" in capabilities
