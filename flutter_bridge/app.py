"""The one interface through which a journey drives a Flutter app, whatever it runs on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from flutter_bridge.actions import action
from flutter_bridge.address import deep_link
from flutter_bridge.clock import Interval, now
from flutter_bridge.date_picking import DatePicking
from flutter_bridge.driver import Driver, Reading, wait_until
from flutter_bridge.errors import ActionFailed, BridgeError, NotFound, PickerMissing, PickerStuck
from flutter_bridge.evidence import AppRequest, write_log, write_screen
from flutter_bridge.finders import Finder
from flutter_bridge.frames import FrameSource, decode_picture
from flutter_bridge.semantics import Node, Role, Tree
from flutter_bridge.text import TextEntry

if TYPE_CHECKING:
    from PIL import Image


class FlutterApp(DatePicking):
    """A running Flutter app that one person uses on one target.

    Every method that names a finder waits (up to the app's timeout, or `timeout` seconds) until the node is
    on screen, visible and, for actions, enabled and at rest. A wait that ends in vain raises `NotFound`,
    which says what was looked for, what was on screen instead, and where the screenshot lies. Looking takes
    the first of several; an action on what still fits several things then raises `ActionFailed`. A target
    that is gone raises `AppUnreachable`. Actions return the interval in which the app received them.

    `driver` does what differs between platforms; `links` is the address that deep links lead into. `listener`
    is asked before each action, and hears of it.
    """

    def __init__(self, driver: Driver, *, target: str, links: str | None, timeout: float) -> None:
        super().__init__(driver, timeout=timeout)
        driver.heard_request = self._forward_request
        self._target = target
        self._links = links
        self._link = "/"
        self._started = now()
        self._secrets: set[str] = set()
        self._closed = False

    @property
    def target(self) -> str:
        """The target's name as the reports show it, such as `web`."""
        return self._target

    @property
    def renderer(self) -> str:
        """What draws the app, such as `chromium 150.0.7339.16` or `android 14`; empty where nobody knows.

        Pictures drawn by another version may differ.
        """
        return self._driver.renderer

    @property
    def status_bar(self) -> float:
        """How high the system's bar above the app is in screenshots, in logical pixels; 0 without one."""
        return self._driver.status_bar

    @property
    def unreached_addresses(self) -> Sequence[str]:
        """What the app asked for in vain, an address for each host; a browser reaches only those named."""
        return self._driver.unreached_addresses

    @property
    def driver(self) -> Driver:
        """What drives the app, for what only its platform knows; nothing that a journey needs."""
        return self._driver

    def _forward_request(self, request: AppRequest) -> None:
        if self.listener is not None:
            self.listener.request_answered(request)

    # Where the app is

    async def start(self, link: str) -> None:
        """Start the app without any data at a deep link; what opens the app does this."""
        self._started = now()
        address = self._start_address(link)
        self._link = link
        await self._driver.start(address)
        # Only now it may have turned out how the app keeps its places in addresses.
        if (better := self._start_address(link)) not in {None, address}:
            await self._driver.open(better)

    @action("opens")
    async def open(self, link: str) -> None:
        """Go to a place in the app by its deep link, such as `/people/42`, as somebody who was sent the link.

        Ends when semantics are there. Nothing happens where the app is there already.
        """
        address = self._address(link)
        self._link = link
        await self._driver.open(address)

    @action("restarts")
    async def restart(self) -> None:
        """Start the app again, keeping what it has stored: a reload on the web, a relaunch on a device."""
        await self._driver.restart(self._start_address(self._link))

    @action("goes back")
    async def back(self) -> None:
        """Go back as a person does on this platform: the browser's button, Android's key, iOS's gesture."""
        if not await self._driver.back():
            raise await self._action_error("there is nothing to go back to")

    # Looking

    async def semantics(self, *, watched: bool = False) -> Tree:
        """Read the whole screen's semantics once; `watched` of what `frames` shows, whatever is before it."""
        reading = await (self._driver.read_watched() if watched else self._driver.read())
        return reading.tree

    async def find(self, finder: Finder, *, timeout: float | None = None) -> Node:
        """Wait for a visible node and return it as it is then."""
        node, _ = await self._wait(finder, self._seconds(timeout))
        return node

    async def wait_until_gone(self, finder: Finder, *, timeout: float | None = None) -> None:
        """Wait until no visible node fits; raises `ActionFailed` where one stays."""

        def is_absent(reading: Reading) -> bool | None:
            is_there = any(node.visible for node in finder.matches_in(reading.tree))
            return True if reading.is_apps and not is_there else None

        seconds = self._seconds(timeout)
        until = now() + seconds
        done, reading = await wait_until(self._driver.readings(seconds), is_absent)
        if done and await self._driver.uncover(reading):
            # It may only have been out of sight.
            done, reading = await wait_until(self._driver.readings(max(0.0, until - now())), is_absent)
        if not done:
            await self._driver.check_in_front(reading)
            raise await self._action_error(f"{finder} is still on screen after {seconds:.1f} s")

    async def scroll_to(self, finder: Finder, *, timeout: float | None = None) -> Node:
        """Scroll until a node is wholly on screen and return it.

        `timeout` is for something to move: a long list may take longer, as long as it moves.
        """
        seconds = self._seconds(timeout)
        found = await self._scroller.bring(finder, seconds)
        if found is None and self._driver.last is not None and await self._driver.uncover(self._driver.last):
            found = await self._scroller.bring(finder, seconds)
        if found is None:
            reading = self._driver.last or await self._driver.read()
            problem = "is not on screen, and nowhere to scroll to"
            raise await self._not_found_error(finder, reading, seconds, problem)
        return found

    async def screenshot(self) -> Image.Image:
        """Take one picture of the app's screen in physical pixels."""
        encoded, _ = await self._driver.shoot()
        return await asyncio.to_thread(decode_picture, encoded, "the screenshot")

    def frames(self) -> AbstractAsyncContextManager[FrameSource]:
        """Stream pictures of the screen while the context is open, as the platform does best."""
        return self._driver.frames()

    # Acting

    @action("taps")
    async def tap(self, finder: Finder, *, timeout: float | None = None) -> Interval:
        """Tap a node once it is enabled and rests: in its middle, or where nothing lies over it.

        Raises `NotFound` where that doesn't come to be in time; the error names what is in the way. Raises
        `ActionFailed` where something is known to have come over it in the very moment, and got the tap.
        """
        _, spot = await self._wait_at_rest(finder, self._seconds(timeout))
        return await self._tap(finder, spot)

    @action("enters text into")
    async def enter_text(
        self,
        finder: Finder,
        text: str,
        *,
        shows: str | re.Pattern[str] | None = None,
        timeout: float | None = None,
    ) -> Interval:
        """Replace a text field's content; verified: raises `ActionFailed` where the field doesn't take it.

        It took it where it then says the text as people read it, or `shows` where that is given: what the app
        makes of it, such as "01/21" of "0121". Without `shows` an app may write it otherwise, if it does so
        twice.

        Flutter listens to a field only once that has the focus, and may write the field's old content over
        what comes early: so the field is tapped, filled, and filled again until it keeps the text.
        """
        until = now() + self._seconds(timeout)
        entry = TextEntry(text, shows=shows)
        problem = ""
        while True:
            try:
                field, spot = await self._wait_at_rest(finder, max(0.0, until - now()), role=Role.TEXT_FIELD)
            except NotFound as error:
                if not problem:
                    raise
                # It was there, and the time ran out in the middle of another attempt.
                raise await self._action_error(f"{finder} {problem}") from error
            if field.obscured:
                self._secrets.add(text)
            if not field.focused:
                await self._tap(finder, spot)
            entered = await self._driver.enter(finder, field, entry, until=until)
            if entered is None:
                problem = problem or "didn't take the focus when tapped"
            elif entered.after is not None:
                if entry.is_taken(entered.before, entered.after, as_bullets=entered.as_bullets):
                    return entered.received
                problem = entry.refusal(secret=field.obscured)
            else:
                problem = problem or entry.refusal(secret=field.obscured)
            if now() >= until:
                raise await self._action_error(f"{finder} {problem}")

    @action("chooses a file with")
    async def choose_file(self, opener: Finder, file: Path, *, timeout: float | None = None) -> Interval:
        """Tap what opens the system's file or photo picker, and pick `file` in it.

        The interval is that of the pick itself: what a person did last before the app took over.
        """
        if not await asyncio.to_thread(file.is_file):
            raise ActionFailed(f"there is no file {file} to choose")
        seconds = self._seconds(timeout)
        _, spot = await self._wait_at_rest(opener, seconds)
        try:
            return await self._driver.choose_file(lambda: self._tap(opener, spot), file, seconds)
        except PickerMissing as error:
            raise await self._action_error(
                f"{opener} opened no file chooser within {seconds:.1f} s"
            ) from error
        except PickerStuck as error:
            raise await self._action_error(
                f"{opener} opened a picker that can't be driven: {error}"
            ) from error

    async def move_pointer_away(self) -> None:
        """Move a mouse off the app, where there is one: highlights and tooltips go soon after."""
        await self._driver.move_pointer_away()

    # Ending

    async def keep_evidence(self, folder: Path, name: str) -> None:
        """Write down what tells why a journey failed; a few seconds at most, and nothing is raised for it.

        In `folder`, made when needed: `NAME-screen.png`, where nobody else keeps a picture of the screen, and
        the end of the log since the app was started, as `NAME-logcat.log`, `-syslog` or `-console`. What
        can't be had is left out, and so is what was typed into fields that obscure it.
        """
        if self._closed:
            return
        # A screen that must not be photographed, say: the log tells all the more.
        with suppress(BridgeError, OSError):
            encoded = await self._driver.shoot_for_evidence()
            if encoded is not None:
                await write_screen(folder, name, encoded)
        with suppress(BridgeError, OSError):
            messages = await self._driver.log(since=self._started)
            await write_log(folder, name, self._driver.log_name, messages, hidden=self._secrets)

    async def close(self) -> None:
        """End the app and all that was started for it; further calls do nothing."""
        if not self._closed:
            self._closed = True
            await self._driver.close()

    # Addresses

    def _start_address(self, link: str) -> str | None:
        return None if link == "/" else self._address(link)

    def _address(self, link: str) -> str:
        if self._links is None:
            raise BridgeError(
                f"{self._target} has no deep links to open {link} by: give the part before the path, as links"
            )
        try:
            return deep_link(self._driver.link_base(self._links), link)
        except ValueError as error:
            raise BridgeError(f"{self._target} can't open this link: {error}") from error


@asynccontextmanager
async def evidence_of_failed_start(app: FlutterApp, folder: Path) -> AsyncIterator[None]:
    """Keep what tells why an app doesn't start, called by its target: nobody else can ask it later."""
    try:
        yield
    except BridgeError:
        await app.keep_evidence(folder, app.target)
        raise
