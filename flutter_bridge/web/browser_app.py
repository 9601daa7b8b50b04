"""A Flutter app's web build in a browser, driven through its semantics."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path

from PIL import Image

from flutter_bridge.address import deep_link
from flutter_bridge.clock import Interval, now
from flutter_bridge.errors import ActionFailed, AppUnreachable, BridgeError, NotFound, SemanticsMissing
from flutter_bridge.evidence import Evidence, keep_log, keep_screen
from flutter_bridge.finders import Finder, not_found
from flutter_bridge.frames import FrameSource, decode_picture
from flutter_bridge.occlusion import KINDS, Cover, Grid, Kind, Point, accepts, choose, is_free, uncovered
from flutter_bridge.scrolling import Scroller
from flutter_bridge.semantics import Box, Node, Role, Tree
from flutter_bridge.text import TextEntry
from flutter_bridge.web.dom import Snapshot, parse
from flutter_bridge.web.page import Document, DocumentReplaced, NoFileChooser, Page

FOLLOWED = 1000
"""Milliseconds a running app is given to begin to follow the history back."""

CALM = 5
"""Frames without a change after which a screen that was just loaded is ready to be used."""

FOCUSED = 500
"""Milliseconds a tapped text field is given to take the focus before it is tapped again."""

KEPT = 3
"""Frames in a row in which a field says the same before that counts as what it says."""

REACHED = Grid(5, 9)
"""Where it is looked whether something of the page lies over a pane that is to be scrolled."""


class BrowserApp:
    """A `FlutterApp` on a page of a browser, whoever drives that; made by the functions that open one.

    Nodes are read from the semantics tree that the engine keeps in the DOM, in one round trip a reading. Taps
    and scrolling are real input at the place where a person would do it: what covers a node covers it here.
    """

    def __init__(
        self, page: Page, url: str, *, artifacts: Path, timeout: float, start_timeout: float, target: str
    ) -> None:
        self._page = page
        self._url = url
        self._timeout = timeout
        self._start_timeout = start_timeout
        self._target = target
        self._document = Document(page, url, seconds=start_timeout)
        self._evidence = Evidence(page.shoot, artifacts, target)
        self._scroller = Scroller(self)
        self._typed_in_secret: set[str] = set()
        self._closed = False

    @property
    def target(self) -> str:
        """The target's name as the reports show it."""
        return self._target

    async def start(self, link: str) -> None:
        """Load the app at a deep link for the first time; what opens the app does this."""
        await self._page.prepare()
        await self._load(self._address(link))

    async def open(self, link: str) -> None:
        """Go to a place in the app by its deep link, as somebody does who was sent the link.

        The page is loaded, unless only the fragment of its address changes. Nothing happens where the app is
        there already.
        """
        address = self._address(link)
        snapshot = await self._document.read()
        if not snapshot.ready or not await self._document.ask("isAt", address):
            await self._load(address)

    async def restart(self) -> None:
        """Reload the page; what the app keeps in the browser's storage stays."""
        await self._page.reload()
        await self._ready()

    async def semantics(self) -> Tree:
        """Read the whole screen's semantics once."""
        return (await self._document.read()).tree

    async def find(self, finder: Finder, *, timeout: float | None = None) -> Node:
        """Wait for a visible node and return it as it is then."""
        return await self._wait(finder, self._within(timeout))

    async def gone(self, finder: Finder, *, timeout: float | None = None) -> None:
        """Wait until no visible node fits; raises `ActionFailed` where one stays."""

        def absent(snapshot: Snapshot) -> bool | None:
            return None if any(node.visible for node in finder.picked_in(snapshot.tree)) else True

        done, _ = await self._document.until(absent, self._within(timeout))
        if not done:
            raise await self._failed(f"{finder} is still on screen after {self._within(timeout):.1f} s")

    async def tap(self, finder: Finder, *, timeout: float | None = None) -> Interval:
        """Tap a node as a person does: in its middle, or where nothing lies over it.

        Raises `ActionFailed` where something came over it in the very moment, and got the tap.
        """
        _, spot = await self._at_rest(finder, self._within(timeout))
        return await self._tap(finder, spot)

    async def enter_text(
        self,
        finder: Finder,
        text: str,
        *,
        shows: str | re.Pattern[str] | None = None,
        timeout: float | None = None,
    ) -> Interval:
        """Replace a text field's content; verified: raises `ActionFailed` where the field doesn't take it.

        The engine listens to a field only once that has the focus, and may write the field's old content over
        what comes early: so the field is tapped, filled, and filled again until it keeps the text.
        """
        until = now() + self._within(timeout)
        entry = TextEntry(text, shows=shows)
        problem = ""
        while True:
            try:
                node, spot = await self._at_rest(finder, max(0.0, until - now()), role=Role.TEXT_FIELD)
            except NotFound as error:
                if not problem:
                    raise
                # It was there, and the time ran out in the middle of another attempt.
                raise await self._failed(f"{finder} {problem}") from error
            if node.obscured:
                self._typed_in_secret.add(text)
            problem = problem or "didn't take the focus when tapped"
            if not node.focused:
                await self._tap(finder, spot)
            before = await self._document.ask("focusIn", node.ref, min(FOCUSED, _ms(until)))
            if before is not None:
                received = await self._page.fill(node.ref, entry.text)
                value = await self._document.ask("holds", node.ref, KEPT, FOCUSED)
                if received is not None and value is not None:
                    if entry.is_taken(before, value):
                        return received
                    problem = entry.refusal(secret=node.obscured)
            if now() >= until:
                raise await self._failed(f"{finder} {problem}")

    async def choose_file(self, opener: Finder, file: Path, *, timeout: float | None = None) -> Interval:
        """Tap what opens the browser's file chooser, and pick `file` in it."""
        if not await asyncio.to_thread(file.is_file):
            raise ActionFailed(f"there is no file {file} to choose")
        seconds = self._within(timeout)
        _, spot = await self._at_rest(opener, seconds)
        try:
            return await self._page.choose_file(lambda: self._tap(opener, spot), file, seconds)
        except NoFileChooser as error:
            raise await self._failed(f"{opener} opened no file chooser within {seconds:.1f} s") from error

    async def scroll_to(self, finder: Finder, *, timeout: float | None = None) -> Node:
        """Scroll until a node is wholly on screen and return it.

        `timeout` is for something to move: a long list may take longer, as long as it moves.
        """
        seconds = self._within(timeout)
        found = await self._scroller.bring(finder, seconds)
        if found is None:
            raise await self._not_found(finder, seconds, "is nowhere to scroll to")
        return found

    async def back(self) -> None:
        """Go back in the browser's history."""
        try:
            done = await self._page.ask("back", [FOLLOWED])
        except DocumentReplaced:
            await self._ready()
            return
        if not done:
            raise await self._failed("there is nothing to go back to")

    async def screenshot(self) -> Image.Image:
        """Take one picture of the page in physical pixels."""
        encoded, _ = await self._page.shoot()
        return decode_picture(encoded, "the browser's screenshot")

    def frames(self) -> AbstractAsyncContextManager[FrameSource]:
        """Stream pictures of the page, as its browser does best."""
        return self._page.frames()

    async def keep_evidence(self, folder: Path, name: str) -> None:
        """Write down the page's console, and its screen where nobody else does."""
        if self._closed:
            return
        # A document that goes in this moment takes its answer along.
        with suppress(BridgeError, DocumentReplaced, OSError):
            encoded = await self._page.shoot_for_evidence()
            if encoded is not None:
                await keep_screen(folder, name, encoded)
        with suppress(BridgeError, DocumentReplaced, OSError):
            said = await self._page.console()
            await keep_log(folder, name, "console", map(str, said), hidden=self._typed_in_secret)

    async def close(self) -> None:
        """Close the page and its context; closing twice does nothing."""
        if self._closed:
            return
        self._closed = True
        await self._page.close()

    # What a search asks for.

    async def read(self, after: int = -1, seconds: float = 0.0) -> Snapshot:
        """Read the page, once it changed since the version `after`."""
        return await self._document.read(after, seconds)

    async def turn(self, pane: Box, right: float, down: float) -> Snapshot:
        """Scroll a pane, wait until what moved rests, and read the page."""
        before, found = await self._document.ask("reach", _sides(pane), REACHED.columns, REACHED.rows)
        part = uncovered(pane, REACHED.boxes(pane, _covers(found)))
        await self._page.scroll(part, right, down)
        return parse(await self._document.ask("moved", before, 2000))

    # Where the app is

    def _address(self, link: str) -> str:
        try:
            return deep_link(self._url, link)
        except ValueError as error:
            raise BridgeError(f"{self._target} can't open this link: {error}") from error

    async def _load(self, address: str) -> None:
        await self._page.load(address)
        await self._ready()

    async def _ready(self) -> None:
        ready, snapshot = await self._document.until(
            lambda snapshot: snapshot.ready or None, self._start_timeout
        )
        if ready:
            # An app may show a first screen only to put the one asked for in its place: taps on it are lost.
            await self._document.ask("quiet", CALM, 1000)
            return
        what = (
            "the app shows no semantics: does it start, and does it build any?"
            if snapshot.flutter
            else "there is no Flutter app on this page: is the address right?"
        )
        raise SemanticsMissing(f"{snapshot.url}: {what}{await self._evidence.told()}")

    # Waiting

    def _within(self, timeout: float | None) -> float:
        return self._timeout if timeout is None else timeout

    async def _wait(self, finder: Finder, seconds: float, *, enabled: bool = False) -> Node:
        def fit(snapshot: Snapshot) -> Node | None:
            node = finder.first_in(snapshot.tree)
            fits = node is not None and node.visible and (node.enabled or not enabled)
            return node if fits else None

        node, snapshot = await self._document.until(fit, seconds)
        if node is not None:
            return node
        seen = finder.first_in(snapshot.tree)
        why = "" if seen is None else "is disabled" if seen.visible else "is there, but out of sight"
        raise await self._not_found(finder, seconds, why)

    async def _at_rest(
        self, finder: Finder, seconds: float, *, role: Role | None = None
    ) -> tuple[Node, Point]:
        """Wait for a node to touch: visible, enabled, in the same box for two frames; return where to, too.

        What covers it may go; a browser's keyboard is hidden. A field that has the focus needs no touch, so
        that it may be covered.
        """
        until = now() + seconds
        hidden = False
        while True:
            found = await self._wait(finder, max(0.0, until - now()), enabled=True)
            node = next((below for below in found.walk() if role is None or below.role is role), None)
            if node is None:
                raise await self._failed(f"{finder} is a {found.role}, not a {role}")
            spot = await self._aim(node, until)
            if isinstance(spot, tuple):
                return node, spot
            if role is Role.TEXT_FIELD and node.focused and spot is not None:
                return node, node.box.centre
            if spot is not None and spot.kind == "keyboard" and not hidden:
                hidden = True
                await self._document.ask("leave")
            elif now() >= until:
                why = "doesn't come to rest" if spot is None else f"is covered by {spot.label}"
                raise await self._not_found(finder, seconds, why)

    async def _aim(self, node: Node, until: float) -> Point | Cover | None:
        """Return where to touch a node once it rests, or what covers it; None where it doesn't rest there."""
        grid = Grid.over(node.box)
        middle: Cover | None = None
        for columns, rows, accepted in ((1, 1, KINDS), (grid.columns, grid.rows, accepts(node)[-1])):
            rest = await self._document.ask(
                "rest", node.ref, columns, rows, sorted(accepted), min(500.0, _ms(until))
            )
            if rest is None:
                return None
            covers = _covers(rest["covers"])
            middle = covers[len(covers) // 2] if covers else middle
            if not rest["still"] or rest["box"] != _sides(node.box):
                return middle
            if len(covers) == 1 and is_free(node, covers[0]):
                return node.box.centre
        return choose(node, grid, covers)

    # Acting

    async def _tap(self, finder: Finder, spot: Point) -> Interval:
        received = await self._page.tap(*spot)
        # A document that goes has got the tap; what became of the page is for the next one to tell who asks.
        with suppress(AppUnreachable, DocumentReplaced):
            missed = await self._page.ask("missed", list(spot))
            if missed is not None:
                raise await self._failed(f"{finder} didn't get the tap: {missed} came over it, and did")
        return received

    # Failing

    async def _failed(self, told: str) -> ActionFailed:
        return ActionFailed(f"{told}{await self._evidence.told()}")

    async def _not_found(self, finder: Finder, waited: float, why: str) -> NotFound:
        snapshot = await self._document.read()
        saved = await self._evidence.save()
        return not_found(finder, snapshot.tree, waited=waited, why=why, screenshot=saved)


def _sides(box: Box) -> list[float]:
    return [box.left, box.top, box.width, box.height]


def _covers(found: Iterable[tuple[str, Kind] | None]) -> list[Cover | None]:
    return [None if cover is None else Cover(*cover) for cover in found]


def _ms(until: float) -> float:
    return max(0.0, (until - now()) * 1000)
