"""What differs between the platforms an app runs on: the one interface that a new one fills in."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from flutter_bridge.clock import Interval
from flutter_bridge.errors import NotSupported
from flutter_bridge.evidence import AppRequest, FailureScreenshots
from flutter_bridge.finders import Finder
from flutter_bridge.frames import FrameSource
from flutter_bridge.keys import KeyPress
from flutter_bridge.network import MockedAnswer, NetworkConditions
from flutter_bridge.occlusion import MIDDLE, Anchor, Cover, Point
from flutter_bridge.semantics import Box, Node, Tree
from flutter_bridge.text import TextEntry
from flutter_bridge.touch import Finger, tap

T = TypeVar("T")

_UNTIMED = Interval(0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading of a screen.

    A higher `version` looked otherwise. `made` is when it was read, for a platform that goes by it.
    `is_apps` is whether the screen is the app's own, and `dialog` what a dialog of the system over it says.
    """

    tree: Tree
    version: int
    made: Interval = _UNTIMED
    is_apps: bool = True
    dialog: str = ""


R = TypeVar("R", bound=Reading)


async def wait_until(
    readings: AsyncGenerator[R, None], answer: Callable[[R], T | None]
) -> tuple[T | None, R]:
    """Return what `answer` says of the first reading that it isn't None of, and that reading.

    None where there was no such reading, with the last one.
    """
    async with aclosing(readings):
        async for reading in readings:
            found = answer(reading)
            if found is not None:
                break
    return found, reading


def ref_of(node: Node) -> Hashable:
    """Return the platform's own name for a node, where it outlives a scroll."""
    return node.ref


def content_of(node: Node) -> Hashable:
    """Return what a node says, to know it again where the platform's name for it is but its place."""
    return (node.role, node.identifier, node.label) if node.identifier or node.label else None


@dataclass(frozen=True, slots=True)
class Scrolling:
    """How a platform scrolls.

    `identity` tells a node again in another reading (None: it can't be told). `reach` is the share of a pane
    that one turn may ask for at most, `most` the most that a turn moves of what it asks for: a finger moves
    what is below it by no more than it moves itself, and a pane that was flung further doesn't count.
    """

    identity: Callable[[Node], Hashable] = ref_of
    reach: float = math.inf
    most: float = math.inf


@dataclass(frozen=True, slots=True)
class EntryAttempt:
    """One attempt to enter a text: when the field received it, what it said before and what it says then.

    `after` is None where the field went meanwhile, or the app says nothing of it. `as_bullets` is whether a
    value has a bullet for each letter.
    """

    received: Interval
    before: str
    after: str | None
    as_bullets: bool = False


class Driver(ABC):
    """How one platform does what a `FlutterApp` is asked for.

    Every platform fills in what is abstract; the rest are hooks, for one that has more to do. Boxes and
    points are in logical pixels. Every method raises `AppUnreachable` where the app, what shows it or what
    drives it is gone. `artifacts` is the folder that screenshots of failures go to, called by `target`.
    """

    scrolling = Scrolling()
    """How it scrolls."""

    heard_request: Callable[[AppRequest], None] = staticmethod(lambda _: None)
    """Is told of each request of the app's, on platforms that tell."""

    last: Reading | None = None
    """The last reading, where it may still tell whether a node rests; None where it never does."""

    earlier: Reading | None = None
    """The reading before the last one, likewise."""

    def __init__(self, *, artifacts: Path, target: str) -> None:
        self.screenshots = FailureScreenshots(self.shoot, artifacts, target)

    @property
    @abstractmethod
    def renderer(self) -> str:
        """Name and version of what draws the app; empty where nobody knows."""

    @property
    @abstractmethod
    def log_name(self) -> str:
        """What the platform calls its log."""

    @property
    def unreached_addresses(self) -> Sequence[str]:
        """Addresses that the app asked for in vain, the first of each host, as far as anybody knows."""
        return ()

    @property
    def status_bar(self) -> float:
        """How high the system's bar at the upper edge is; 0 where there is none."""
        return 0.0

    @property
    def acted_in(self) -> str:
        """What the last action was done in, where that wasn't the app itself; empty where it was."""
        return ""

    # Where the app is

    @abstractmethod
    async def start(self, address: str | None) -> None:
        """Start the app without any data, at a deep link's whole address or where it begins by itself.

        Ends when it can be used; raises `SemanticsMissing` where it can't in time.
        """

    @abstractmethod
    async def open(self, address: str) -> None:
        """Have the running app go to a deep link's whole address; ends as `start` does."""

    def link_base(self, links: str) -> str:
        """Return the address that deep links lead into: `links`, unless the app was seen to want another."""
        return links

    @abstractmethod
    async def restart(self, address: str | None) -> None:
        """End the app and start it again, with its data; ends as `start` does."""

    @abstractmethod
    async def back(self) -> bool:
        """Go back as a person does; false where there is nothing to go back to."""

    async def check_in_front(self, reading: Reading) -> None:  # noqa: B027 - a hook
        """Raise `AppUnreachable` where what was read is another app's screen."""

    def screen_kind(self, reading: Reading) -> str:  # noqa: ARG002 - for who can tell
        """Return what is on screen where it is something else than the app; empty where it is the app."""
        return ""

    @abstractmethod
    async def close(self) -> None:
        """End what was started for this app; called once."""

    # What goes wrong on purpose

    def network(self, conditions: NetworkConditions) -> AbstractAsyncContextManager[None]:  # noqa: ARG002 - for who can
        """Give the app another network while the context is open; raises `NotSupported` where it can't be."""
        raise NotSupported("this platform can't be given another network")

    def mock(self, pattern: str, answer: MockedAnswer) -> AbstractAsyncContextManager[None]:  # noqa: ARG002 - for who can
        """Answer the app's requests to addresses of a pattern, as `**/feed*`, while the context is open."""
        raise NotSupported("only a browser that Playwright drives has its requests answered here")

    def background(self) -> AbstractAsyncContextManager[None]:
        """Send the app to the background while the context is open."""
        raise NotSupported("this platform has no background that an app can be sent to")

    # Reading

    @abstractmethod
    async def read(self) -> Reading:
        """Read the screen once."""

    async def read_watched(self) -> Reading:
        """Read once what `frames` shows, where something else may be in front of it."""
        return await self.read()

    @abstractmethod
    async def read_changed(self, after: int = -1, seconds: float = 0.0) -> Reading:
        """Read the screen as soon as its version isn't `after`, or the time is over."""

    @abstractmethod
    def readings(self, seconds: float) -> AsyncGenerator[Reading, None]:
        """Read at once and then whenever it may tell something new, until the time is over; once at least."""

    async def pause(self, before: Reading | None) -> None:  # noqa: B027 - a hook
        """Wait until what an action brings about can be read; with `before`, until what rests since then."""

    # Acting

    @abstractmethod
    async def aim(
        self,
        node: Node,
        reading: Reading,
        before: Reading | None,
        *,
        typing: bool,
        until: float,
        anchor: Anchor = MIDDLE,
    ) -> Point | Cover | None:
        """Return where to touch a node, or what covers it; None where it isn't known to be at rest.

        `before` is an earlier reading that had it in the same box. When `typing`, a field that has the focus
        needs no touch, so that it may be covered. `anchor` is where it is to be touched if that is free.
        """

    @abstractmethod
    async def touch(self, fingers: Sequence[Finger], *, on_screen: bool = False) -> Interval:
        """Do a gesture, as a person does; returns when it was received.

        With a mouse where there is one and no touch screen, unless it is to be done `on_screen`. Raises
        `ActionFailed` where that, or more than one finger, can't be had.
        """

    async def tap(self, point: Point) -> Interval:
        """Tap a place, as a person does; returns when it was received."""
        return await self.touch([[tap(point)]])

    async def pick(self, node: Node, option: str) -> bool | list[str] | None:  # noqa: ARG002 - for who has such
        """Choose an option of a list that opens outside the app, where nothing can be tapped.

        True where that was done, or what is offered instead; None where the node opens no such list.
        """
        return None

    async def tap_interceptor(self, point: Point) -> str | None:  # noqa: ARG002 - for who can tell
        """Return what came over a node in the very moment and got its tap; None where none is known to.

        Empty where the tap is known to have reached nothing at all.
        """
        return None

    async def hover(self, point: Point) -> Interval | None:  # noqa: ARG002 - for who has a pointer
        """Move a mouse over a place; returns when it was received, None where there is no mouse."""
        return None

    @abstractmethod
    async def press(self, key: KeyPress) -> Interval:
        """Press a key, for whatever has the focus; returns when it was received.

        Raises `CommandRefused` where the platform has no such key.
        """

    @abstractmethod
    async def hide_keyboard(self) -> None:
        """Hide a soft keyboard, where that can be done."""

    async def uncover(self, reading: Reading) -> bool:  # noqa: ARG002 - for who has to ask
        """Hide a soft keyboard where what is under it is in no reading; whether there was one.

        `reading` is the last one. False where what a keyboard covers can be read all the same.
        """
        return False

    @abstractmethod
    async def enter(
        self, finder: Finder, field: Node, entry: TextEntry, *, until: float
    ) -> EntryAttempt | None:
        """Replace the content of a field that was tapped, once; None where it doesn't take the focus."""

    @abstractmethod
    async def choose_file(
        self, open_picker: Callable[[], Awaitable[object]], file: Path, seconds: float
    ) -> Interval:
        """Pick a file in what opens; returns when. Raises `PickerMissing` or `PickerStuck`."""

    @abstractmethod
    async def scroll(self, pane: Box, right: float, down: float) -> Reading:
        """Move what a pane shows, wait until it rests, and read the screen."""

    async def move_pointer_away(self) -> None:  # noqa: B027 - a hook
        """Move a mouse off the app, where there is one."""

    # Showing

    @abstractmethod
    async def shoot(self) -> tuple[bytes, float]:
        """Take a screenshot in physical pixels: encoded, with how many of them make a logical one."""

    @abstractmethod
    def frames(self) -> AbstractAsyncContextManager[FrameSource]:
        """Stream pictures of the screen while the context is open."""

    @abstractmethod
    async def shoot_for_evidence(self) -> bytes | None:
        """Take a PNG of what a journey failed on; None where somebody else keeps one."""

    @abstractmethod
    async def log(self, *, since: float) -> Iterable[str]:
        """Return the log's messages since a moment on our clock, as far as they can be had."""
