"""Drives a Flutter app on a page of a browser, through its semantics, whoever drives the browser."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path

from flutter_bridge.address import deep_link
from flutter_bridge.clock import Interval, now
from flutter_bridge.driver import Driver, EntryAttempt, Reading
from flutter_bridge.errors import AppUnreachable, DocumentReplaced, SemanticsMissing
from flutter_bridge.evidence import AppRequest
from flutter_bridge.finders import Finder
from flutter_bridge.frames import FrameSource
from flutter_bridge.keys import KeyPress
from flutter_bridge.network import MockedAnswer, NetworkConditions
from flutter_bridge.occlusion import (
    KINDS,
    MIDDLE,
    Anchor,
    Cover,
    Grid,
    Kind,
    Point,
    accepted_kinds,
    choose,
    is_free,
    largest_free_part,
)
from flutter_bridge.semantics import Box, Node
from flutter_bridge.text import TextEntry
from flutter_bridge.touch import Finger
from flutter_bridge.web.dom import FIRST_ERROR, PageReading, parse
from flutter_bridge.web.frames import Frames
from flutter_bridge.web.page import BrowserPage, Document
from flutter_bridge.web.windows import Windows

BACK_FOLLOWED_MS = 1000
"""How long a running app is given to begin to follow the history back."""

CALM_FRAMES = 5
"""Frames without a change after which a screen that was just loaded is ready to be used."""

FOCUS_MS = 500
"""How long a tapped text field is given to take the focus before it is tapped again."""

LEFT_S = 1.5
"""How long a page without a Flutter app is given to load one before it counts as another page."""

FRAGMENT = "/#/"
"""How the address of an app ends that keeps its route in the fragment."""

HELD_FRAMES = 3
"""Frames in a row in which a field says the same before that counts as what it says."""

PANE_GRID = Grid(5, 9)
"""Where it is looked whether something of the page lies over a pane that is to be scrolled."""


class BrowserDriver(Driver):
    """A `Driver` for an app on a page of a browser.

    Nodes are read from the semantics tree that the engine keeps in the DOM, in one round trip a reading; the
    page itself tells of every change, and whether a node rests, so that no earlier reading is needed. Taps
    and scrolling are real input at the place where a person would do it: what covers a node covers it here.
    """

    log_name = "console"

    def __init__(
        self, page: BrowserPage, url: str, *, artifacts: Path, start_timeout: float, target: str
    ) -> None:
        super().__init__(artifacts=artifacts, target=target)
        self.page = page
        page.heard_request = self._forward_request
        self._url = url
        self._start_timeout = start_timeout
        self._windows = Windows(page)
        self._document = Document(self._windows, url, seconds=start_timeout)
        self._app_document = Document(Frames(page), url, seconds=start_timeout)
        self._keeps_route_in_fragment = False

    @property
    def renderer(self) -> str:
        """The browser's name and version."""
        return self.page.renderer

    @property
    def unreached_addresses(self) -> Sequence[str]:
        """Addresses that the page asked for in vain."""
        return self.page.unreached_addresses

    @property
    def acted_in(self) -> str:
        """The window that the last action went to, where that wasn't the app's page."""
        return f"the window at {self._windows.acted_in}" if self._windows.acted_in else ""

    def _forward_request(self, request: AppRequest) -> None:
        self.heard_request(request)

    # Where the app is

    def link_base(self, links: str) -> str:
        """Return the app's address; with a fragment where the app was seen to keep its route there."""
        return f"{links}#/" if self._keeps_route_in_fragment and "#" not in links else links

    async def start(self, address: str | None) -> None:
        """Load the app for the first time."""
        await self.page.prepare()
        await self._load(address or deep_link(self._url, "/"))

    async def open(self, address: str) -> None:
        """Load the page, unless only the fragment of its address changes, or the app is there already."""
        reading = await self.read()
        if not reading.is_ready or not await self._document.ask("isAt", address):
            await self._load(address)

    async def restart(self, address: str | None) -> None:  # noqa: ARG002 - a page keeps its address
        """Reload the page, and close other windows; what the app keeps in the browser's storage stays."""
        await self._windows.close_all()
        await self.page.reload()
        await self._wait_until_ready()

    def network(self, conditions: NetworkConditions) -> AbstractAsyncContextManager[None]:
        """Give the page another network."""
        return self.page.network(conditions)

    def mock(self, pattern: str, answer: MockedAnswer) -> AbstractAsyncContextManager[None]:
        """Answer the page's requests in the server's place."""
        return self.page.mock(pattern, answer)

    async def back(self) -> bool:
        """Go back in the browser's history; a window that has none before it is closed, as phones do."""
        await self.read()  # of whichever window is in front by now
        try:
            went = await self._windows.ask("back", [BACK_FOLLOWED_MS])
            return bool(went) or await self._windows.close_newest()
        except DocumentReplaced:
            await self._wait_until_followed()
            return True

    async def check_in_front(self, reading: Reading) -> None:
        """Raise `AppUnreachable` where the page shows neither a Flutter app nor HTML that can be used."""
        if not isinstance(reading, PageReading) or reading.has_flutter or reading.is_ready:
            return
        # A window with nothing on it may have done its work, and never closes.
        if not self._windows.in_front or reading.status >= FIRST_ERROR:
            raise AppUnreachable(
                f"the page shows no Flutter app: it is at {reading.url}{await self.screenshots.mention()}"
            )

    def screen_kind(self, reading: Reading) -> str:
        """Return where the page is, where it is ordinary HTML, and what became of windows."""
        if not isinstance(reading, PageReading):
            return ""
        if self._windows.in_front:
            kind = f": it is {reading.kind}" if reading.kind else ""
            return f"the window at {self._windows.in_front} is open in front of the app{kind}"
        notes = [f"the page at {reading.url} is {reading.kind}"] if reading.kind else []
        if self._windows.closed:
            notes.append(f"the window at {self._windows.closed} has closed")
        if reading.blocked_window:
            notes.append(
                f"the browser blocked the window at {reading.blocked_window}: "
                "an app has to open it as soon as something is tapped"
            )
        return "; ".join(notes)

    async def _wait_until_followed(self) -> None:
        """Wait until another document's app can be used, or it turns out to have none: the app was left."""
        since = now()

        def is_left(reading: PageReading) -> bool:
            return not reading.has_flutter and (reading.url.startswith("about:") or now() >= since + LEFT_S)

        _, reading = await self._document.read_until(
            lambda reading: reading.is_ready or is_left(reading) or None, LEFT_S
        )
        if not is_left(reading):
            await self._wait_until_ready()

    async def _load(self, address: str) -> None:
        await self._windows.close_all()
        await self.page.load(address)
        reading = await self._wait_until_ready()
        # Flutter's own way, unless an app is told otherwise: the path stays, and the route comes behind it.
        self._keeps_route_in_fragment |= "#" not in address and "#/" in reading.url and reading.has_flutter

    async def _wait_until_ready(self) -> PageReading:
        def is_ready(reading: PageReading) -> bool | None:
            return reading.is_ready or (False if reading.is_given_up else None)

        ready, reading = await self._document.read_until(is_ready, self._start_timeout)
        if ready:
            # An app may show a first screen only to put the one asked for in its place: taps on it are lost.
            await self._document.ask("quiet", CALM_FRAMES, 1000)
            return await self.read()
        what = "the app shows no semantics: does it start, and does it build any?"
        if not reading.has_flutter:
            nothing = ", with nothing to press or to fill in" if reading.is_html else ""
            fragment = "" if "#" in self._url else f", or has it to end in {FRAGMENT}"
            what = f"there is no Flutter app on this page: it is {reading.kind}{nothing}"
            what += f": is the address right{fragment}?"
        raise SemanticsMissing(f"{reading.url}: {what}{await self.screenshots.mention()}")

    # Reading

    async def read(self) -> PageReading:
        """Read the page once, or the window in front of it."""
        return await self._document.read()

    async def read_watched(self) -> PageReading:
        """Read the app's page, whatever window is in front of it."""
        return await self._app_document.read()

    async def read_changed(self, after: int = -1, seconds: float = 0.0) -> PageReading:
        """Read the page, once it changed since the version `after` or the time is over."""
        return await self._document.read(after, seconds)

    def readings(self, seconds: float) -> AsyncGenerator[PageReading, None]:
        """Read at once and after every change; the time that another page takes to load doesn't count."""
        return self._document.readings(seconds, loading=self._start_timeout)

    # Acting

    async def aim(
        self,
        node: Node,
        reading: Reading,  # noqa: ARG002 - the page is asked anew
        before: Reading | None,  # noqa: ARG002 - for devices
        *,
        typing: bool,  # noqa: ARG002 - for soft keyboards
        until: float,
        anchor: Anchor = MIDDLE,
    ) -> Point | Cover | None:
        """Ask the page for two frames with the node in the same box, and for what lies over it.

        For the anchor alone at first; the page is asked once more where that isn't free.
        """
        grid = Grid.over(node.box)
        middle: Cover | None = None
        for columns, rows, place, accepted in (
            (1, 1, anchor, KINDS),
            (grid.columns, grid.rows, MIDDLE, accepted_kinds(node)[-1]),
        ):
            rest = await self._document.ask(
                "rest", node.ref, columns, rows, place, sorted(accepted), min(500.0, _ms(until))
            )
            if rest is None:
                return None
            covers = _covers_from(rest["covers"])
            middle = covers[len(covers) // 2] if covers else middle
            if not rest["still"] or rest["box"] != _sides(node.box):
                return middle
            if len(covers) == 1 and is_free(node, covers[0]):
                return node.box.at(*anchor)
        return choose(node, grid, covers, anchor)

    async def touch(self, fingers: Sequence[Finger], *, on_screen: bool = False) -> Interval:
        """Do a gesture with fingers where the page has touch, else with the mouse."""
        return await self._windows.touch(fingers, on_screen=on_screen)

    async def tap(self, point: Point) -> Interval:
        """Tap a place."""
        return await self._windows.tap(*point)

    async def hover(self, point: Point) -> Interval | None:
        """Move the mouse over a place, where the page has one."""
        return await self._windows.hover(*point)

    async def press(self, key: KeyPress) -> Interval:
        """Press a key of the browser's keyboard."""
        return await self._windows.press(key)

    async def tap_interceptor(self, point: Point) -> str | None:
        """Ask the page what it was that got the tap, where it wasn't what the tap was meant for."""
        # A document that goes has got the tap; what became of the page is for the next one to tell who asks.
        with suppress(AppUnreachable, DocumentReplaced):
            other: str | None = await self._windows.ask("missed", list(point))
            return other
        return None

    async def pick(self, node: Node, option: str) -> bool | list[str] | None:
        """Choose an option of a `<select>`."""
        picked: bool | list[str] | None = await self._document.ask("pick", node.ref, option)
        return picked

    async def hide_keyboard(self) -> None:
        """Take the focus from the field, and the browser's keyboard with it."""
        await self._document.ask("leave")

    async def enter(
        self,
        finder: Finder,  # noqa: ARG002 - the field's name in the page is enough
        field: Node,
        entry: TextEntry,
        *,
        until: float,
    ) -> EntryAttempt | None:
        """Wait for the focus, fill the field, and wait until it says the same for some frames."""
        before = await self._document.ask("focusIn", field.ref, min(FOCUS_MS, _ms(until)))
        if before is None:
            return None
        received = await self._windows.fill(field.ref, entry.text)
        after = await self._document.ask("holds", field.ref, HELD_FRAMES, FOCUS_MS)
        return EntryAttempt(received, before, after) if received is not None else None

    async def choose_file(
        self, open_picker: Callable[[], Awaitable[object]], file: Path, seconds: float
    ) -> Interval:
        """Pick a file in the browser's file chooser."""
        return await self._windows.choose_file(open_picker, file, seconds)

    async def scroll(self, pane: Box, right: float, down: float) -> PageReading:
        """Scroll a pane where nothing lies over it, wait until what moved rests, and read the page."""
        before, found = await self._document.ask("reach", _sides(pane), PANE_GRID.columns, PANE_GRID.rows)
        part = largest_free_part(pane, PANE_GRID.boxes(pane, _covers_from(found)))
        await self._windows.scroll(part, right, down)
        return parse(await self._document.ask("moved", before, 2000))

    async def move_pointer_away(self) -> None:
        """Move the mouse off the page, where it has one."""
        await self.page.move_pointer_away()

    # Showing

    async def shoot(self) -> tuple[bytes, float]:
        """Take a screenshot of the page, or of the window in front of it."""
        return await self._windows.shoot()

    def frames(self) -> AbstractAsyncContextManager[FrameSource]:
        """Stream pictures of the page, as its browser does best."""
        return self.page.frames()

    async def shoot_for_evidence(self) -> bytes | None:
        """Take a screenshot, where nobody else keeps one."""
        return await self.page.shoot_for_evidence()

    async def log(self, *, since: float) -> Iterable[str]:  # noqa: ARG002 - it begins with the page
        """Return what the page printed to its console."""
        return map(str, await self.page.console())

    async def close(self) -> None:
        """Close the page and what was opened for it."""
        await self.page.close()


def _sides(box: Box) -> list[float]:
    return [box.left, box.top, box.width, box.height]


def _covers_from(found: Iterable[tuple[str, Kind] | None]) -> list[Cover | None]:
    return [None if cover is None else Cover(*cover) for cover in found]


def _ms(until: float) -> float:
    return max(0.0, (until - now()) * 1000)
