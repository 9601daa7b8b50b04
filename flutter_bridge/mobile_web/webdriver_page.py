"""A page of a browser that a WebDriver drives."""

from __future__ import annotations

import asyncio
import base64
import math
import mimetypes
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from appium.webdriver.webdriver import WebDriver
from selenium.common.exceptions import UnknownMethodException
from selenium.webdriver.remote.command import Command

from flutter_bridge.appium import hover_actions, pointer_actions
from flutter_bridge.clock import Interval, now
from flutter_bridge.errors import (
    ActionFailed,
    AppUnreachable,
    BridgeError,
    DocumentReplaced,
    NotSupported,
    PickerMissing,
    WindowGone,
)
from flutter_bridge.evidence import EVIDENCE_TIMEOUT_S, AppRequest, LogEntry, read_entries
from flutter_bridge.frames import Frame, FrameSource, decode_base64, picture_size
from flutter_bridge.keys import KeyPress
from flutter_bridge.mobile_web.key_actions import key_actions
from flutter_bridge.mobile_web.questions import LOADED, SCRIPTS, ask_document
from flutter_bridge.mobile_web.session import CDP, BrowserSession, browser_errors
from flutter_bridge.mobile_web.viewport import Viewport, calibrate_viewport
from flutter_bridge.network import MockedAnswer, NetworkConditions
from flutter_bridge.occlusion import Point
from flutter_bridge.semantics import Box
from flutter_bridge.touch import Finger, Move, Stroke, cut
from flutter_bridge.web import SEPARATOR, emulation_of

T = TypeVar("T")

ASK_S, WATCHED_ASK_S = 1.0, 0.05
"""The seconds that one question may keep the driver, which does one thing at a time; fewer while frames are
asked for in between."""

GESTURE_S = 30.0
"""How long a page may take to receive a gesture, beyond what that lasts: one that hangs never does."""

SCRIPT_TIMEOUT_S = 20.0
"""The seconds after which a question counts as lost; none waits in the page for as long."""

MAX_FILE_BYTES = 50 * 2**20
"""How many bytes a chosen file may have: it goes to the page as text, in one piece."""

SLOP_PX = 20
"""Logical pixels a finger moves before it counts as dragging: Flutter's limit is 18."""

DRAG_S, HOLD_S = 0.1, 0.06
"""Seconds a scroll takes, and the finger rests at its end so that nothing is flung on."""

REACH = 0.9
"""How much of a pane a finger crosses at most."""


class WebDriverPage:
    """A page of a browser that a WebDriver drives; `seconds` bounds a load.

    `login` is the name and the password that the app's server asks for. Without a `url` it is a window that
    was opened from one, whose name is `handle`.
    """

    unreached_addresses = ()
    # Drivers tell of none.
    heard_request: Callable[[AppRequest], None]

    def __init__(
        self,
        session: BrowserSession,
        url: str = "",
        *,
        seconds: float,
        login: tuple[str, str] | None = None,
        handle: str = "",
    ) -> None:
        self._session = session
        self._app_url = url
        self._handle = handle
        self._windows: dict[str, WebDriverPage] = {}
        self._others: Collection[str] = ()
        self.address = url
        self._seconds = seconds
        self._login = login
        self._watchers = 0
        self._pointer = ""
        self._scale: tuple[int, float] = (0, 1.0)
        self._frame = Viewport()

    @property
    def _url(self) -> str:
        return self._app_url or self.address

    @property
    def renderer(self) -> str:
        """The browser's name and version."""
        return self._session.browser

    @property
    def patience(self) -> float:
        """The seconds that one question may wait in the page."""
        return WATCHED_ASK_S if self._watchers else ASK_S

    async def prepare(self) -> None:
        """Have `page.js` run in every document to come: before the app where the browser can be told so."""

        def prepare(driver: WebDriver) -> None:
            self._handle = self._session.window = driver.current_window_handle
            self._others = driver.window_handles
            driver.set_script_timeout(SCRIPT_TIMEOUT_S)
            driver.set_page_load_timeout(self._seconds)
            # Where it is no Chromium, `ask` brings the script into each document that lacks it.
            with suppress(UnknownMethodException):
                driver.execute(
                    CDP, {"cmd": "Page.addScriptToEvaluateOnNewDocument", "params": {"source": SCRIPTS}}
                )

        await self._do(prepare)
        if self._session.is_safari:
            self._frame = await self._do(calibrate_viewport)

    @asynccontextmanager
    async def network(self, conditions: NetworkConditions) -> AsyncIterator[None]:
        """Give the page another network, by the protocol of Chromium behind its driver."""
        if conditions.lost_share:
            raise NotSupported("a mobile browser's network can't be made to lose a share: a web target's can")
        if not await self._emulate(conditions):
            raise NotSupported(f"{self.renderer} can't be given another network: Chrome can")
        try:
            yield
        finally:
            # Where the browser is gone, so is its network.
            with suppress(AppUnreachable):
                await self._emulate(NetworkConditions())

    async def _emulate(self, conditions: NetworkConditions) -> bool:
        def emulate(driver: WebDriver) -> bool:
            try:
                driver.execute(CDP, {"cmd": "Network.enable", "params": {}})
                params = emulation_of(conditions)
                driver.execute(CDP, {"cmd": "Network.emulateNetworkConditions", "params": params})
            except UnknownMethodException:
                return False
            return True

        return await self._do(emulate)

    def mock(self, pattern: str, answer: MockedAnswer) -> AbstractAsyncContextManager[None]:
        """Refuse: nothing here sees the page's requests on their way."""
        del answer
        raise NotSupported(f"requests to {pattern} can't be answered in a mobile browser: use a web target")

    async def windows(self) -> Sequence[WebDriverPage]:
        """Return the windows that were opened from this page and are open, the newest last."""
        with browser_errors(self._session.server, self._url):
            handles: list[str] = await self._session.call(lambda driver: driver.window_handles)
        for handle in handles:
            if handle not in self._others and handle not in self._windows:
                self._windows[handle] = WebDriverPage(self._session, seconds=self._seconds, handle=handle)
        return [page for handle, page in self._windows.items() if handle in handles]

    async def load(self, address: str) -> None:
        """Begin to show another address."""
        whole = address
        if self._login is not None:
            name, password = (quote(part, safe="") for part in self._login)
            whole = address.replace("://", f"://{name}:{password}@", 1)
        await self._do(lambda driver: driver.get(whole), address)

    async def reload(self) -> None:
        """Begin to show the same address anew."""
        await self._do(lambda driver: driver.refresh())

    async def ask(self, function: str, arguments: list[object], path: Sequence[str] = ()) -> Any:
        """Call a function of `page.js` in this document, or in a frame's, and in no other."""
        return await self._ask("__flutterBridge", function, arguments, path)

    async def wait_for_document(self) -> None:
        """Wait until the next document can be asked."""
        try:
            await self._do(lambda driver: driver.execute_async_script(LOADED))
        except DocumentReplaced:
            return  # replaced once more: that will be found when it is asked

    async def tap(self, x: float, y: float) -> Interval:
        """Tap a place: by touch where the page has touch, else with the mouse."""
        return await self._point([[Stroke((x, y), ())]], await self._pointer_kind())

    async def touch(self, fingers: Sequence[Finger], *, on_screen: bool) -> Interval:
        """Do a gesture: by touch where the page has touch or it has to be, else with the mouse.

        Drivers of browsers take a finger where it is to be in one jump: it is led there.
        """
        pointer = "touch" if on_screen or len(fingers) > 1 else await self._pointer_kind()
        return await self._point(
            [[replace(stroke, moves=tuple(cut(stroke))) for stroke in finger] for finger in fingers], pointer
        )

    async def hover(self, x: float, y: float) -> Interval | None:
        """Move the mouse over a place, unless the page has touch."""
        if await self._pointer_kind() == "touch":
            return None
        return await self._perform(hover_actions((x, y), place=self._place))

    async def press(self, key: KeyPress) -> Interval:
        """Press a key of the browser's keyboard."""
        return await self._perform(key_actions(key, shortcut=self._session.shortcut_modifier))

    async def fill(self, ref: str, text: str) -> Interval | None:
        """Type over what the field in a node says; None where it isn't there, or doesn't have the focus."""
        before = now()
        *path, name = ref.split(SEPARATOR)
        filled = await self.ask("fill", [name, text], path)
        return Interval(before, now()) if filled else None

    async def scroll(self, pane: Box, right: float, down: float) -> None:
        """Drag what a pane shows with a finger, which stays in the pane."""
        x, y = pane.centre
        across = _limit(right, pane.width * REACH)
        along = _limit(down, pane.height * REACH)
        start, end = (x + across / 2, y + along / 2), (x - across / 2, y - along / 2)
        first = (start[0] - _limit(across, SLOP_PX), start[1] - _limit(along, SLOP_PX))
        drag = Stroke(start, (Move(first, 0.0), Move(end, DRAG_S), Move(end, HOLD_S)))
        await self._point([[drag]], "touch")

    async def choose_file(self, tap: Callable[[], Awaitable[object]], file: Path, seconds: float) -> Interval:
        """Give a file to what asks for one after a tap, in place of the browser's file chooser.

        The file goes to the page beforehand, so that giving it takes no longer than a tap does.
        """
        content = await asyncio.to_thread(file.read_bytes)
        if len(content) > MAX_FILE_BYTES:
            raise ActionFailed(
                f"{file} has {len(content):,} bytes; a browser is given {MAX_FILE_BYTES:,} at most"
            )
        kind = mimetypes.guess_type(file.name)[0] or ""
        await self._choose("send", file.name, kind, base64.b64encode(content).decode())
        await tap()
        until = now() + seconds
        while not await self._choose("asked", min(self.patience, max(0.0, until - now())) * 1000):
            if now() >= until:
                raise PickerMissing
        before = now()
        await self._choose("give")
        return Interval(before, now())

    async def move_pointer_away(self) -> None:
        """Leave it: a finger rests nowhere."""

    async def shoot(self) -> tuple[bytes, float]:
        """Take a screenshot in physical pixels."""
        frame = await self._shoot(0)
        return frame.encoded, frame.scale

    @asynccontextmanager
    async def frames(self) -> AsyncIterator[FrameSource]:
        """Stream screenshots of the page."""
        self._watchers += 1
        try:
            yield _Screenshots(self._shoot)
        finally:
            self._watchers -= 1

    async def console(self) -> list[LogEntry]:
        """Ask the driver for the browser's log: Chromium's have one, Safari's has none."""
        return read_entries(
            await self._do(lambda driver: driver.get_log("browser"), seconds=EVIDENCE_TIMEOUT_S)
        )

    async def shoot_for_evidence(self) -> bytes:
        """Take a screenshot within seconds."""
        encoded = await self._do(lambda driver: driver.get_screenshot_as_base64(), seconds=EVIDENCE_TIMEOUT_S)
        return decode_base64(encoded, "the driver's screenshot")

    async def close(self) -> None:
        """Close a window; for the app's page, end the session."""
        if self._app_url:
            await self._session.close()
            return
        with suppress(WindowGone):
            await self._do(lambda driver: driver.close())

    # Talking to the driver

    async def _do(
        self, question: Callable[[WebDriver], T], url: str = "", *, seconds: float | None = None
    ) -> T:
        def ask(driver: WebDriver) -> T:
            # A driver has one window before it, and knows no other one's pages.
            if self._handle and self._session.window != self._handle:
                driver.switch_to.window(self._handle)
                self._session.window = self._handle
            return question(driver)

        with browser_errors(self._session.server, url or self._url):
            return await self._session.call(ask, seconds=seconds)

    async def _ask(
        self, owner: str, function: str, arguments: Sequence[object], path: Sequence[str] = ()
    ) -> Any:
        def ask(driver: WebDriver) -> Any:
            return ask_document(driver, path, owner, function, list(arguments))

        answer = await self._do(ask)
        if answer is None:
            raise DocumentReplaced("the page went before it answered")
        if not isinstance(answer, dict):
            raise BridgeError(f"{self._url}: the page answered {str(answer)[:40]!r} to {function}")
        if not path:
            self.address = str(answer.get("at", ""))
        if "failed" in answer:
            raise AppUnreachable(f"{self._url} can't be reached: is the app running there?")
        if "wrong" in answer:
            raise BridgeError(f"{self._url}: the page failed to {function}: {str(answer['wrong'])[:200]}")
        return answer.get("value")

    async def _choose(self, function: str, *arguments: object) -> Any:
        return await self._ask("__flutterBridgeChooser", function, arguments)

    async def _pointer_kind(self) -> str:
        """Return what a person has here: a finger where the page has touch, else a mouse."""
        if not self._pointer:
            self._pointer = "touch" if await self.ask("touch", []) else "mouse"
        return self._pointer

    async def _point(self, fingers: Sequence[Finger], pointer: str) -> Interval:
        return await self._perform(pointer_actions(fingers, place=self._place, pointer=pointer))

    async def _perform(self, actions: Sequence[Mapping[str, object]]) -> Interval:
        def perform(driver: WebDriver) -> Interval:
            before = now()
            driver.execute(Command.W3C_ACTIONS, {"actions": list(actions)})
            return Interval(before, now())

        steps = [each.get("actions") for each in actions]
        lasts_ms = sum(step.get("duration", 0) for one in steps if isinstance(one, list) for step in one)
        return await self._do(perform, seconds=GESTURE_S + lasts_ms / 1000)

    def _place(self, point: Point) -> Point:
        x, y = self._frame.position_on_screen(*point)
        return round(x), round(y)

    async def _shoot(self, number: int) -> Frame:
        def shoot(driver: WebDriver) -> tuple[str, Interval]:
            # Here, where nothing has to be waited for any more.
            before = now()
            return driver.get_screenshot_as_base64(), Interval(before, now())

        encoded, shown = await self._do(shoot)
        picture = decode_base64(encoded, "the driver's screenshot")
        width, _ = picture_size(picture, "the driver's screenshot")
        if self._scale[0] != width:
            logical = await self._do(lambda driver: driver.execute_script("return innerWidth"))
            if not isinstance(logical, int | float) or not 0 < logical < math.inf:
                raise BridgeError(f"{self._url}: the page says that its width is {str(logical)[:40]!r}")
            self._scale = (width, width / logical)
        return Frame(picture, shown, scale=self._scale[1], number=number)


class _Screenshots:
    """An endless stream of screenshots, each taken when it is asked for."""

    kind = "screenshots"

    def __init__(self, shot: Callable[[int], Awaitable[Frame]]) -> None:
        self._shoot = shot
        self._number = 0

    def __aiter__(self) -> _Screenshots:
        return self

    async def __anext__(self) -> Frame:
        frame = await self._shoot(self._number)
        self._number += 1
        return frame


def _limit(distance: float, most: float) -> float:
    """Return a distance cut to `most` in either direction."""
    return max(-most, min(most, distance))
