"""A Flutter app on a device, driven through Appium."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from PIL import Image

from flutter_bridge.address import deep_link
from flutter_bridge.appium.frames import FrameKind, device_frames
from flutter_bridge.appium.keeping import keep
from flutter_bridge.appium.platform import Permissions, PickerMissing, PickerStuck, Screen
from flutter_bridge.appium.screens import PAUSES, Reading, Screens, layout
from flutter_bridge.appium.scrolling import REACH, Swiping
from flutter_bridge.appium.session import AppiumSession
from flutter_bridge.appium.text import enter
from flutter_bridge.appium.waiting import Waiting
from flutter_bridge.clock import Interval, now
from flutter_bridge.errors import ActionFailed, AppUnreachable, BridgeError, NotFound, SemanticsMissing
from flutter_bridge.evidence import Evidence
from flutter_bridge.finders import Finder
from flutter_bridge.frames import FrameSource, decode_picture
from flutter_bridge.occlusion import Point
from flutter_bridge.scrolling import Scroller, by_content
from flutter_bridge.semantics import Box, Node, Role, Tree
from flutter_bridge.text import TextEntry

FOLLOWED = 1.0
"""Seconds a running app is given to begin to follow a link; it may be there already."""


class AppiumApp:
    """A `FlutterApp` on a device; made by `open_appium_app`, or on a session of one's own.

    Nodes are read from the page source, the whole screen in one request. Taps, swipes and keys are the
    device's own, at the place where a person would do it.
    """

    def __init__(
        self,
        session: AppiumSession,
        *,
        artifacts: Path,
        links: str | None = None,
        timeout: float = 10.0,
        start_timeout: float = 60.0,
        target: str = "android",
        permissions: Permissions = "allow",
        frames: FrameKind | None = None,
        transit: float,
    ) -> None:
        self._session = session
        self._links = links
        self._timeout = timeout
        self._start_timeout = start_timeout
        self._target = target
        self._frames = frames
        self._transit = transit
        self._evidence = Evidence(self._shoot, artifacts, target)
        self._screens = Screens(session, permissions=permissions, evidence=self._evidence)
        self._waiting = Waiting(self._screens, self._evidence)
        self._swiping = Swiping(self._screens)
        self._scroller = Scroller(self._swiping, known=by_content, reach=REACH, most=1.0)
        self._link = "/"
        self._started = now()
        self._typed_in_secret: set[str] = set()
        self._afterwards: list[Callable[[], Awaitable[object]]] = []
        self._closed = False

    @property
    def target(self) -> str:
        """The target's name as the reports show it."""
        return self._target

    @property
    def renderer(self) -> str:
        """The platform's name and version, as the driver tells them."""
        known = self._session.capabilities
        return f"{known.get('platformName', '')} {known.get('platformVersion', '')}".strip().lower()

    @property
    def status_bar(self) -> float:
        """How high the system's bar above the app is, in logical pixels."""
        return self._session.device.status_bar

    @property
    def session(self) -> AppiumSession:
        """The session with the device, for what only a device knows; nothing that a journey needs."""
        return self._session

    async def start(self, link: str) -> None:
        """Start the app anew, without any data, at a deep link; `open_appium_app` does this."""
        self._started = now()
        await self._session.fresh(None if link == "/" else self._address(link))
        self._link = link
        await self._ready()

    async def open(self, link: str) -> None:
        """Go to a place in the app by its deep link, as somebody does who was sent the link."""
        before = self._screens.last
        begun = now()
        await self._session.platform.link(self._session, self._address(link))
        self._screens.acted(begun)
        self._link = link
        await self._ready(before)

    async def restart(self) -> None:
        """End the app's process and start it again, where its last deep link led; its data stays."""
        await self._session.platform.stop(self._session)
        self._screens.forget()
        link = self._link
        await self._session.platform.start(self._session, None if link == "/" else self._address(link))
        await self._ready()

    async def semantics(self) -> Tree:
        """Read the whole screen's semantics once."""
        return (await self._screens.read()).tree

    async def find(self, finder: Finder, *, timeout: float | None = None) -> Node:
        """Wait for a visible node and return it as it is then."""
        node, _ = await self._waiting.visible(finder, self._within(timeout))
        return node

    async def gone(self, finder: Finder, *, timeout: float | None = None) -> None:
        """Wait until no visible node fits; raises `ActionFailed` where one stays."""

        def absent(reading: Reading) -> bool | None:
            there = any(node.visible for node in finder.picked_in(reading.tree))
            return None if there or reading.screen.app != self._session.device.app else True

        done, reading = await self._screens.until(absent, self._within(timeout))
        if not done:
            await self._screens.in_front(reading)
            raise await self._waiting.failed(
                f"{finder} is still on screen after {self._within(timeout):.1f} s"
            )

    async def tap(self, finder: Finder, *, timeout: float | None = None) -> Interval:
        """Tap a node: in its middle, or where nothing lies over it."""
        _, spot = await self._waiting.at_rest(finder, self._within(timeout))
        return await self._screens.tap_at(spot)

    async def enter_text(
        self,
        finder: Finder,
        text: str,
        *,
        shows: str | re.Pattern[str] | None = None,
        timeout: float | None = None,
    ) -> Interval:
        """Replace a text field's content; verified: raises `ActionFailed` where the field doesn't take it.

        Flutter takes a text only for the field that has the focus: so the field is tapped, filled and read
        back, again until it keeps the text.
        """
        until = now() + self._within(timeout)
        entry = TextEntry(text, shows=shows)
        problem = ""
        while True:
            try:
                node, spot = await self._waiting.at_rest(
                    finder, max(0.0, until - now()), role=Role.TEXT_FIELD
                )
            except NotFound as error:
                if not problem:
                    raise
                # It was there, and the time ran out in the middle of another attempt.
                raise await self._waiting.failed(f"{finder} {problem}") from error
            if node.obscured:
                self._typed_in_secret.add(text)
            received, problem = await enter(self._screens, finder, node, spot, entry, until=until)
            if received is not None:
                return received
            if now() >= until:
                raise await self._waiting.failed(f"{finder} {problem}")

    async def choose_file(self, opener: Finder, file: Path, *, timeout: float | None = None) -> Interval:
        """Put a file on the device, tap what opens the system's picker, and pick the file there."""
        if not await asyncio.to_thread(file.is_file):
            raise ActionFailed(f"there is no file {file} to choose")
        seconds = self._within(timeout)
        _, spot = await self._waiting.at_rest(opener, seconds)
        try:
            return await self._session.platform.choose_file(self, spot, file, seconds=seconds)
        except PickerMissing as error:
            raise await self._waiting.failed(
                f"{opener} opened no file chooser within {seconds:.1f} s"
            ) from error
        except PickerStuck as error:
            raise await self._waiting.failed(
                f"{opener} opened a picker that can't be driven: {error}"
            ) from error

    async def scroll_to(self, finder: Finder, *, timeout: float | None = None) -> Node:
        """Swipe until a node is wholly on screen and return it.

        `timeout` is for something to move: a long list may take longer, as long as it moves.
        """
        seconds = self._within(timeout)
        found = await self._scroller.bring(finder, seconds)
        if found is None:
            raise await self._waiting.not_found(
                finder, self._screens.last, seconds, "is nowhere to scroll to"
            )
        return found

    async def back(self) -> None:
        """Go back as the platform does it; a soft keyboard that would take the key is hidden before."""
        last = self._screens.last
        if last is not None and await self._screens.keyboard(last, _lowest(last.tree.screen)) is not None:
            await self._screens.hide_keyboard()
        begun = now()
        await self._session.platform.back(self._session)
        self._screens.acted(begun)

    async def screenshot(self) -> Image.Image:
        """Take one picture of the device's screen in physical pixels."""
        encoded, _ = await self._shoot()
        return await asyncio.to_thread(decode_picture, encoded, "Appium's screenshot")

    @asynccontextmanager
    async def frames(self) -> AsyncIterator[FrameSource]:
        """Stream pictures of the screen: by MJPEG where the driver has a port for it, else by screenshots."""
        reading = self._screens.last or await self._screens.read()
        async with device_frames(
            self._session,
            self._shoot,
            logical_width=reading.tree.screen.width,
            kind=self._frames,
            transit=self._transit,
        ) as frames:
            yield frames

    async def keep_evidence(self, folder: Path, name: str) -> None:
        """Write down the device's screen, and its log since the app was started."""
        if not self._closed:
            await keep(self._session, folder, name, since=self._started, hidden=self._typed_in_secret)

    async def close(self) -> None:
        """Undo what was done to the device for this app; the session stays. Closing twice does nothing."""
        if self._closed:
            return
        self._closed = True
        for task in self._afterwards:
            # A device that is gone has nothing to be undone.
            with suppress(BridgeError):
                await task()

    # What only a device has

    async def orientation(self) -> str:
        """Return how the device is turned: `portrait` or `landscape`."""
        return str(await self._session.command("getScreenOrientation")).lower()

    async def turn(self, orientation: str) -> None:
        """Turn the device: `portrait` or `landscape`."""
        await self._session.command("setScreenOrientation", orientation=orientation.upper())
        self._screens.forget()

    # What a picker asks for

    async def read(self) -> Screen:
        """Read the screen once."""
        return (await self._screens.read()).screen

    async def pause(self) -> None:
        """Wait as long as lies between two readings."""
        await asyncio.sleep(PAUSES[-1])

    async def tap_node(self, node: Node) -> Interval:
        """Tap the middle of a node as it was read."""
        return await self._screens.tap(node)

    async def tap_at(self, point: Point) -> Interval:
        """Tap a place."""
        return await self._screens.tap_at(point)

    async def swipe(self, pane: Box, down: float) -> None:
        """Move the content of a pane up."""
        await self._swiping.swipe(pane, 0.0, down)

    def afterwards(self, task: Callable[[], Awaitable[object]]) -> None:
        """Have something undone when the app is closed."""
        self._afterwards.append(task)

    # Where the app is

    def _address(self, link: str) -> str:
        if self._links is None:
            raise BridgeError(
                f"{self._target} has no deep links to open {link} by: give the part before the path, as links"
            )
        try:
            return deep_link(self._links, link)
        except ValueError as error:
            raise BridgeError(f"{self._target} can't open this link: {error}") from error

    async def _ready(self, before: Reading | None = None) -> None:
        """Wait until the app shows semantics, others than `before` unless they stay for a moment."""
        begun = now()
        covered: float | None = None

        def there(reading: Reading) -> bool | None:
            nonlocal covered
            dialog = reading.screen.dialog
            covered = None if dialog is None else covered or reading.made.low
            if covered is not None and reading.made.high - covered > self._timeout:
                return False  # nobody is going to answer it
            said = any(node.identifier or node.text for node in reading.tree)
            if reading.screen.app != self._session.device.app or not said:
                return None
            same = before is not None and layout(before.tree) == layout(reading.tree)
            return True if not same or now() - begun > FOLLOWED else None

        done, reading = await self._screens.until(there, self._start_timeout)
        if not done:
            await self._screens.in_front(reading)
            if reading is not None and reading.screen.dialog is not None:
                raise AppUnreachable(
                    f"{self._session.device.app} can't be seen: a dialog is in the way: "
                    f"{reading.screen.dialog.text!r}{await self._evidence.told()}"
                )
            raise SemanticsMissing(
                f"{self._session.device.app} shows no semantics within {self._start_timeout:.0f} s: does it "
                f"start, and is it a Flutter app?{await self._evidence.told()}"
            )

    # Waiting

    def _within(self, timeout: float | None) -> float:
        return self._timeout if timeout is None else timeout

    # Failing

    async def _shoot(self) -> tuple[bytes, float]:
        return await self._session.screenshot(), self._session.device.pixel_ratio


def _lowest(screen: Box) -> Point:
    """Return a place that a keyboard covers if one is up."""
    return screen.centre[0], screen.bottom
