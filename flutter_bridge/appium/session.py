"""A session of an Appium server: with a browser, or with a device."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from appium.webdriver.webdriver import WebDriver
from selenium.webdriver.remote.command import Command

from flutter_bridge.appium.connection import CLOSING_S, ServerConnection, Worker
from flutter_bridge.appium.failures import answer_errors, command_errors
from flutter_bridge.appium.pointer_actions import Place, pointer_actions
from flutter_bridge.errors import AppUnreachable, BridgeError
from flutter_bridge.frames import decode_base64
from flutter_bridge.touch import Finger

T = TypeVar("T")


COMMAND_S = 60.0
"""How long one command may take; a device that is slower is taken for gone."""


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """What a session is with: the app's package or bundle, the device's name, and its pixel ratio.

    `status_bar` is how high the system's bar above the app is, in logical pixels.
    """

    app: str
    name: str
    pixel_ratio: float
    status_bar: float = 0.0


class WebDriverSession:
    """One session of an Appium server; what it is asked for is done one after the other, in one thread.

    `command_s` is how long one command may take.
    """

    def __init__(self, driver: WebDriver, worker: Worker, *, command_s: float) -> None:
        self._driver = driver
        self._worker = worker
        self._connection = cast(ServerConnection, driver.command_executor)
        self._command_s = command_s
        self._closed = False

    @property
    def server(self) -> str:
        """Appium's address, without what is secret in it."""
        return self._connection.address

    @property
    def id(self) -> str:
        """What the server calls the session, for whoever asks it about this one."""
        return str(self._driver.session_id)

    @property
    def capabilities(self) -> Mapping[str, Any]:
        """What the driver answered when the session was opened."""
        return self._driver.caps

    @property
    def sent_count(self) -> int:
        """How many requests were sent to Appium so far."""
        return self._connection.sent

    async def call(self, question: Callable[[WebDriver], T], *, seconds: float | None = None) -> T:
        """Ask the client something in its thread, within `seconds` if given; raises what it raises."""
        if self._closed:
            raise AppUnreachable("the session was closed")
        return await self._call(question, seconds or self._command_s)

    async def close(self) -> None:
        """End the session and its thread; closing twice does nothing, and it always ends."""
        if self._closed:
            return
        self._closed = True
        try:
            with suppress(BridgeError), command_errors(self.server):
                await self._call(lambda driver: driver.execute(Command.QUIT), CLOSING_S)
        finally:
            # A thread that hangs in a dead connection is given up; the server ends the session by itself.
            await self._worker.stop(seconds=CLOSING_S)
            self._connection.close()  # type: ignore[no-untyped-call]  # the client's own

    async def _call(self, question: Callable[[WebDriver], T], seconds: float) -> T:
        def ask() -> T:
            self._connection.limit(seconds)
            with answer_errors(self.server):
                return question(self._driver)

        return await self._worker.do(ask)


class DeviceSession(WebDriverSession):
    """A session with a device."""

    def __init__(self, driver: WebDriver, worker: Worker, device: DeviceInfo) -> None:
        super().__init__(driver, worker, command_s=COMMAND_S)
        self.device = device
        self.is_lost = False
        """Whether a command found Appium, the driver or the device gone: it is of no use any more."""

    async def command(self, name: str, *, seconds: float = COMMAND_S, **parameters: object) -> Any:
        """Send one command by the name the client has for it, and return its answer.

        Raises `AppUnreachable` where Appium, the driver or the device is gone; `CommandRefused` where the
        driver says no.
        """
        try:
            with command_errors(self.server, self.device.app):
                return await self.call(
                    lambda driver: driver.execute(name, dict(parameters))["value"], seconds=seconds
                )
        except AppUnreachable:
            self.is_lost = True
            raise

    async def script(self, name: str, *, seconds: float = COMMAND_S, **arguments: object) -> Any:
        """Call one of the driver's own methods, such as `mobile: deepLink`."""
        return await self.command(
            Command.W3C_EXECUTE_SCRIPT, seconds=seconds, script=name, args=[arguments] if arguments else []
        )

    async def source(self) -> str:
        """Read the page source once."""
        return str(await self.command(Command.GET_PAGE_SOURCE))

    async def screenshot(self, *, seconds: float = COMMAND_S) -> bytes:
        """Take one PNG of the screen."""
        encoded = await self.command(Command.SCREENSHOT, seconds=seconds)
        return decode_base64(encoded, f"the screenshot of Appium at {self.server}")

    async def touch(self, fingers: Sequence[Finger], *, place: Place) -> None:
        """Do a gesture in one call; `place` says where something is in the driver's own pixels."""
        await self.command(Command.W3C_ACTIONS, actions=pointer_actions(fingers, place=place))
