"""Drives a Flutter app on a device, through Appium."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from flutter_bridge.address import is_loopback
from flutter_bridge.appium.pickers import PICKERS
from flutter_bridge.appium.platform import AppiumSession, Permissions
from flutter_bridge.appium.screens import REACH, DeviceReading, DeviceScreens, layout
from flutter_bridge.appium.text_entry import enter_text
from flutter_bridge.clock import Interval, now
from flutter_bridge.driver import EntryAttempt, Reading, Scrolling, content_of, wait_until
from flutter_bridge.errors import AppUnreachable, BridgeError, CommandRefused, NotSupported, SemanticsMissing
from flutter_bridge.evidence import EVIDENCE_TIMEOUT_S, last_seconds, read_entries
from flutter_bridge.finders import Finder
from flutter_bridge.frames import FrameSource, ScreenshotFrames
from flutter_bridge.mjpeg import mjpeg_frames
from flutter_bridge.network import NetworkConditions
from flutter_bridge.occlusion import KEYBOARD, MIDDLE, Anchor, Cover, Point, aim
from flutter_bridge.semantics import Box, Node
from flutter_bridge.text import TextEntry

FrameKind = Literal["mjpeg", "screenshots"]

LINK_FOLLOWED_S = 1.0
"""How long a running app is given to begin to follow a link; it may be there already."""

SPRING_S = 1.5
"""How long the end of a list is given to spring back to where it was before a swipe drew it away."""

SPRING_PAUSE_S = 0.1
"""What lies between two looks whether it is back: where it turns round it is as good as at rest."""

SPRING_SHARE = 0.05
"""By how much of a swipe a list's end gives way at most; what moved further was scrolled."""

TRANSIT_S = 0.05
"""After how long a byte that a device sent by cable, through `adb`'s forward, is here at the latest."""

MAX_FRAME_RATE = 30
"""Pictures a second at most: what more of them would tell, they take from the app."""

SILENCE_S = 0.012
"""How much longer than the transit a pause has to be for the stream to see that it was one."""


class AppiumDriver(DeviceScreens):
    """A `Driver` for an app on a device.

    Nodes are read from the page source, the whole screen in one request. Taps, swipes and keys are the
    device's own, at the place where a person would do it.
    """

    scrolling = Scrolling(identity=content_of, reach=REACH, most=1.0)

    def __init__(
        self,
        session: AppiumSession,
        *,
        artifacts: Path,
        target: str,
        timeout: float,
        start_timeout: float,
        permissions: Permissions,
        frames: FrameKind | None,
        transit: float,
    ) -> None:
        super().__init__(session, permissions=permissions, artifacts=artifacts, target=target)
        self._timeout = timeout
        self._start_timeout = start_timeout
        self._frame_kind = frames
        self._transit = transit

    @property
    def renderer(self) -> str:
        """The platform's name and version, as the driver tells them."""
        known = self.session.capabilities
        return f"{known.get('platformName', '')} {known.get('platformVersion', '')}".strip().lower()

    @property
    def status_bar(self) -> float:
        """How high the system's bar above the app is."""
        return self.session.device.status_bar

    @property
    def log_name(self) -> str:
        """What the platform calls its log."""
        return self.session.platform.log

    # Where the app is

    async def start(self, address: str | None) -> None:
        """Start the app without any data."""
        await self.session.start_fresh(address)
        await self._wait_until_ready()

    async def open(self, address: str) -> None:
        """Have the running app go to a link."""
        before = self.last
        begun = now()
        await self.session.platform.link(self.session, address)
        self.note_action(begun)
        await self._wait_until_ready(before)

    async def restart(self, address: str | None) -> None:
        """End the app's process and start it again, where its last deep link led; its data stays."""
        await self.session.platform.stop(self.session)
        self.forget()
        await self.session.platform.start(self.session, address)
        await self._wait_until_ready()

    @asynccontextmanager
    async def network(self, conditions: NetworkConditions) -> AsyncIterator[None]:
        """Give the device another network: airplane mode, or an emulator's speed."""
        platform = self.session.platform
        try:
            await platform.set_network(self.session, conditions)
        except CommandRefused as error:
            raise NotSupported(f"this device can't be given another network: {error}") from error
        try:
            yield
        finally:
            with suppress(AppUnreachable):
                await platform.set_network(self.session, NetworkConditions())

    @asynccontextmanager
    async def background(self) -> AsyncIterator[None]:
        """Press the home button, and bring the app back at the end."""
        await self.session.platform.send_home(self.session)
        self.forget()
        try:
            yield
        finally:
            with suppress(AppUnreachable):
                await self.session.platform.launch(self.session)
                await self._wait_until_ready()

    async def back(self) -> bool:
        """Go back as the platform does it; a soft keyboard that would take the key is hidden before."""
        if self.last is not None:
            await self.uncover(self.last)
        begun = now()
        await self.session.platform.back(self.session)
        self.note_action(begun)
        return True

    async def _wait_until_ready(self, before: DeviceReading | None = None) -> None:
        """Wait until the app shows semantics, others than `before` unless they stay for a moment."""
        begun = now()
        covered: float | None = None

        def is_ready(reading: DeviceReading) -> bool | None:
            nonlocal covered
            covered = (covered or reading.made.low) if reading.dialog else None
            if covered is not None and reading.made.high - covered > self._timeout:
                return False  # nobody is going to answer it
            if not reading.is_apps or not any(map(_is_flutters, reading.tree)):
                return None
            same = before is not None and layout(before.tree) == layout(reading.tree)
            return True if not same or now() - begun > LINK_FOLLOWED_S else None

        ready, reading = await wait_until(self.readings(self._start_timeout), is_ready)
        if ready:
            return
        await self.check_in_front(reading)
        app, picture = self.session.device.app, await self.screenshots.mention()
        if reading.dialog:
            raise AppUnreachable(f"{app} can't be seen: a dialog is in the way: {reading.dialog!r}{picture}")
        raise SemanticsMissing(
            f"{app} shows no semantics within {self._start_timeout:.0f} s: does it start, and is it a "
            f"Flutter app?{picture}"
        )

    # Acting

    async def aim(
        self,
        node: Node,
        reading: Reading,
        before: Reading | None,
        *,
        typing: bool,
        until: float,  # noqa: ARG002 - nothing waits here
        anchor: Anchor = MIDDLE,
    ) -> Point | Cover | None:
        """Compare two readings for rest, and tell from the later one what lies over the node."""
        if before is None or not self.shows_rest(before, reading):
            return None
        if typing and node.focused:
            return node.box.centre
        spot = aim(reading.tree, node, anchor)
        if not isinstance(spot, Cover) and await self.find_keyboard(reading, spot) is not None:
            return KEYBOARD
        return spot

    async def enter(
        self, finder: Finder, field: Node, entry: TextEntry, *, until: float
    ) -> EntryAttempt | None:
        """Set the field's text once it has the focus, and have the app say it."""
        return await enter_text(self, finder, field, entry, until=until)

    async def choose_file(
        self, open_picker: Callable[[], Awaitable[object]], file: Path, seconds: float
    ) -> Interval:
        """Put a file on the device, open the system's picker, and pick the file there."""
        picker = PICKERS[self.session.platform.name](self, seconds=seconds)
        return await picker.choose(open_picker, file)

    async def scroll(self, pane: Box, right: float, down: float) -> DeviceReading:
        """Drag the content of a pane left and up, and read the screen once that is done."""
        before = self.last
        await self.swipe(pane, right, down)
        after = await self.read()
        give = SPRING_SHARE * max(abs(right), abs(down))
        if before is None or not _is_near(_content(before, pane), _content(after, pane), give):
            return after
        # Little moved: this is the end, which is drawn out and springs back, or the semantics are late. What
        # comes into sight and goes out of it meanwhile, as the end is drawn out, tells nothing.
        until = now() + SPRING_S
        while now() < until:
            await asyncio.sleep(SPRING_PAUSE_S)
            again = await self.read()
            if _content(again, pane) == _content(after, pane):
                return again
            after = again
        return after

    # Showing

    @asynccontextmanager
    async def frames(self) -> AsyncIterator[FrameSource]:
        """Stream pictures of the screen: by MJPEG where the driver has a port for it, else by screenshots.

        The driver's server takes a picture, sends it, and then takes the next: that bounds when it was shown,
        as long as the pauses between pictures are longer than one may be on its way. So the rate follows from
        the transit.
        """
        reading = self.last or await self.read()
        address, kind = _stream_address(self.session), self._frame_kind
        if kind == "mjpeg" and address is None:
            raise BridgeError("there is no MJPEG stream to watch: give the capability mjpegServerPort")
        platform = self.session.platform
        in_turns = (
            kind != "screenshots"
            and address is not None
            and await platform.prepare_stream(self.session, rate=frame_rate(self._transit))
        )
        if kind == "mjpeg" and not in_turns:
            raise BridgeError(
                f"nothing bounds when the pictures of {platform.name}'s stream were shown: "
                "leave frames out, and screenshots are watched"
            )
        async with AsyncExitStack() as stack:
            frames: FrameSource = ScreenshotFrames(self.shoot)
            if in_turns and address is not None:
                stream = mjpeg_frames(address, logical_width=reading.tree.screen.width, turn=self._transit)
                try:
                    frames = await stack.enter_async_context(stream)
                except AppUnreachable:
                    if kind == "mjpeg":
                        raise
            yield frames

    async def shoot_for_evidence(self) -> bytes | None:
        """Take a screenshot within seconds, unless the session is lost."""
        return None if self.session.is_lost else await self.session.screenshot(seconds=EVIDENCE_TIMEOUT_S)

    async def log(self, *, since: float) -> Iterable[str]:
        """Return the device's log since a moment.

        Its messages are stamped by Appium's host: where that is this one, what is older is left out to the
        millisecond; elsewhere as `last_seconds` does it. Of a session that is lost, too: the log is Appium's
        own to give, and says what became of the driver's server on the device. A cloud may not give it, and
        its capture can be switched off.
        """
        answer = await self.session.command("getLog", seconds=EVIDENCE_TIMEOUT_S, type=self.log_name)
        clock = time.time() if is_loopback(self.session.server) else None
        # Stamps have whole milliseconds.
        recent = last_seconds(read_entries(answer), now() - since + 0.001, clock=clock)
        return (entry.text for entry in recent)

    async def close(self) -> None:
        """Undo what was done to the device for this app; the session stays."""
        for task in self._undo:
            # A device that is gone has nothing to be undone.
            with suppress(BridgeError):
                await task()


def frame_rate(transit: float) -> int:
    """Return how many pictures a second leave pauses that are longer than a picture may be on its way."""
    return max(1, min(MAX_FRAME_RATE, int(1 / (transit + SILENCE_S))))


def _stream_address(session: AppiumSession) -> str | None:
    """Return where the driver streams the screen to; None where it was given no port for it."""
    port = session.capabilities.get("mjpegServerPort", session.capabilities.get("appium:mjpegServerPort"))
    host = urlsplit(session.server).hostname or "127.0.0.1"
    return f"http://[{host}]:{port}" if port and ":" in host else f"http://{host}:{port}" if port else None


def _content(reading: Reading, pane: Box) -> dict[Hashable, Box]:
    """Return where each thing in a pane is that can be seen there, by what it says.

    What says the same as another is told by its place among all, too: that is another one where a node before
    it comes into sight or goes out of it.
    """
    there = [
        ((node.role, *said), node)
        for node in reading.tree
        if any(said := (node.identifier, node.label, node.value))
        and node.visible
        and node.box == pane.intersection(node.box) != pane
    ]
    often = Counter(known for known, _ in there)
    return {known if often[known] == 1 else (*known, node.ref): node.box for known, node in there}


def _is_near(before: Mapping[Hashable, Box], after: Mapping[Hashable, Box], give: float) -> bool:
    """Whether something is in both, no further away than that."""
    return any(
        max(abs(box.left - was.left), abs(box.top - was.top)) <= give
        for known, box in after.items()
        if (was := before.get(known)) is not None
    )


def _is_flutters(node: Node) -> bool:
    """Whether a node says something that the views around Flutter's don't, with their ids of `package:id/`.

    Those are there from the start: behind the launch screen, and while Flutter has no semantics yet.
    """
    return bool(node.text or node.identifier) and ":id/" not in node.identifier
