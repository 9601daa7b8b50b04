"""A session of an Appium server with one device, for one app after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from appium.options.common.base import AppiumOptions
from appium.webdriver.webdriver import WebDriver
from selenium.webdriver.remote.command import Command

from flutter_bridge.appium.connection import (
    CLOSING_S,
    LATE_SESSION_S,
    Connection,
    Worker,
    connection,
    end_session,
    start_session,
)
from flutter_bridge.appium.failures import Refused, no_appium, opening, reaching, understanding
from flutter_bridge.appium.platform import COMMAND, Device, Platform
from flutter_bridge.errors import AppUnreachable, BridgeError, NotSetUp
from flutter_bridge.frames import decode_base64

T = TypeVar("T")


class AppiumSession:
    """One session, in a thread of its own; made by `connect`.

    Opening a session takes seconds on a device, so a session outlives its apps: `fresh` clears the app's data
    and starts it for the next person.
    """

    def __init__(self, driver: WebDriver, worker: Worker, platform: Platform, device: Device) -> None:
        self._driver = driver
        self._worker = worker
        self._closed = False
        self._lost = False
        self.platform = platform
        self.device = device

    @property
    def server(self) -> str:
        """Appium's address, without what is secret in it."""
        return str(self._driver.command_executor.client_config.remote_server_addr)

    @property
    def id(self) -> str:
        """What the server calls the session, for whoever asks it about this one."""
        return str(self._driver.session_id)

    @property
    def capabilities(self) -> Mapping[str, Any]:
        """What the driver answered when the session was opened."""
        return self._driver.caps

    @property
    def lost(self) -> bool:
        """Whether a command found Appium, the driver or the device gone: it is of no use any more."""
        return self._lost

    @property
    def sent(self) -> int:
        """How many requests were sent to Appium so far."""
        return int(getattr(self._driver.command_executor, "sent", 0))

    async def command(self, name: str, *, seconds: float = COMMAND, **parameters: object) -> Any:
        """Send one command by the name the client has for it, and return its answer.

        Raises `AppUnreachable` where Appium, the driver or the device is gone; `Refused` where the driver
        says no.
        """
        return await self._do(lambda driver: driver.execute(name, dict(parameters))["value"], seconds)

    async def script(self, name: str, *, seconds: float = COMMAND, **arguments: object) -> Any:
        """Call one of the driver's own methods, such as `mobile: deepLink`."""
        return await self.command(
            Command.W3C_EXECUTE_SCRIPT, seconds=seconds, script=name, args=[arguments] if arguments else []
        )

    async def source(self) -> str:
        """Read the page source once."""
        return str(await self.command(Command.GET_PAGE_SOURCE))

    async def screenshot(self, *, seconds: float = COMMAND) -> bytes:
        """Take one PNG of the screen."""
        encoded = await self.command(Command.SCREENSHOT, seconds=seconds)
        return decode_base64(encoded, f"the screenshot of Appium at {self.server}")

    async def touch(self, steps: Sequence[Mapping[str, object]]) -> None:
        """Have one finger do some steps of W3C's pointer actions, in one call."""
        finger = {
            "type": "pointer",
            "id": "finger",
            "parameters": {"pointerType": "touch"},
            "actions": list(steps),
        }
        await self.command(Command.W3C_ACTIONS, actions=[finger])

    async def fresh(self, url: str | None) -> None:
        """Start the app without any data: at a deep link's whole address, or where it starts by itself."""
        try:
            await self.platform.clear(self)
        except Refused as error:
            if await self.platform.state(self) != "not installed":
                raise
            raise NotSetUp(
                f"{self.device.app} is not installed on {self.device.name}: install it, or name its file"
            ) from error
        await self.platform.start(self, url)

    async def close(self) -> None:
        """End the session and its thread; closing twice does nothing, and it always ends."""
        if self._closed:
            return
        self._closed = True
        with suppress(BridgeError):
            await self._quit()

    async def _quit(self) -> None:
        try:
            await self._bounded(lambda driver: driver.execute(Command.QUIT), CLOSING_S)
        finally:
            # A thread that hangs in a dead connection is given up; the server ends the session by itself.
            await self._worker.stop(seconds=CLOSING_S)
            self._driver.command_executor.close()  # type: ignore[no-untyped-call]  # the client's own

    async def _do(self, call: Callable[[WebDriver], T], seconds: float) -> T:
        if self._closed:
            raise AppUnreachable("the session with the device was closed")
        return await self._bounded(call, seconds)

    async def _bounded(self, call: Callable[[WebDriver], T], seconds: float) -> T:
        def bounded() -> T:
            self._driver.command_executor.client_config.timeout = seconds
            with understanding(self.server):
                return call(self._driver)

        try:
            with reaching(self.server, self.device.app):
                return await self._worker.do(bounded)
        except AppUnreachable:
            self._lost = True
            raise


@asynccontextmanager
async def connect(
    server: str, capabilities: Mapping[str, object], platform: Platform, *, start_timeout: float = 60.0
) -> AsyncIterator[AppiumSession]:
    """Open a session at an Appium server; it ends with the context.

    `capabilities` are the driver's, with or without `appium:`; what the platform wants set is added where
    nothing is said about it. Raises `AppUnreachable` in one line where there is no Appium, no device or no
    session to be had.
    """
    to_appium = connection(server, seconds=LATE_SESSION_S)
    wanted = platform.capabilities(_prefixed(capabilities))
    options = AppiumOptions()
    options.load_capabilities(dict(wanted))
    worker = Worker("appium")
    shown = str(to_appium.client_config.remote_server_addr)
    with opening(shown):
        driver = await start_session(
            worker,
            lambda: WebDriver(command_executor=to_appium, options=options),
            shown,
            seconds=start_timeout,
        )
    try:
        device = platform.device(wanted | _answered(driver, to_appium))
        session = AppiumSession(driver, worker, platform, device)
    except BaseException:
        await end_session(worker, [driver])
        raise
    try:
        yield session
    finally:
        await session.close()


def _answered(driver: WebDriver, to_appium: Connection) -> dict[str, Any]:
    """Return the capabilities of a new session; raises `AppUnreachable` where there are none."""
    answered = driver.caps
    if not isinstance(answered, dict):
        raise no_appium(str(to_appium.client_config.remote_server_addr))
    return answered


def _prefixed(capabilities: Mapping[str, object]) -> dict[str, object]:
    standard = {"platformName", "browserName"}
    return {
        name if name in standard or ":" in name else f"appium:{name}": value
        for name, value in capabilities.items()
    }


__all__ = ["AppiumSession", "Refused", "connect"]
