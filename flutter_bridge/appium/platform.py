"""What differs between the platforms Appium drives: the one interface a new one fills in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from flutter_bridge.clock import Interval
from flutter_bridge.errors import BridgeError
from flutter_bridge.occlusion import Point
from flutter_bridge.semantics import Box, Node, Tree

if TYPE_CHECKING:
    from flutter_bridge.appium.driver import AppiumDriver
    from flutter_bridge.appium.session import AppiumSession

SLOW_COMMAND_S = 300.0
"""For commands that move or remove much: ended before, the device would go on with them by itself."""

COMMAND_S = 60.0
"""How long one command may take; a device that is slower is taken for gone."""

MAX_NAME_LENGTH = 300
"""Characters of an app's id or a device's name that are read: Android's ids have 255 at most."""

MAX_NUMBER = 100_000
"""No ratio, density or height of a device's reaches it."""

Permissions = Literal["allow", "deny", "ask"]
State = Literal["not installed", "not running", "behind", "in front"]


def element_in(answer: object) -> str:
    """Return the id of an element that a driver found; raises `BridgeError` where it names none."""
    found = getattr(answer, "id", None)
    if not isinstance(found, str):
        raise BridgeError(f"the driver found {str(answer)[:60]!r}, which is no element")
    return found


def number_in(said: object) -> float | None:
    """Return a positive number that a driver said; None where it said something else."""
    number = isinstance(said, int | float) and not isinstance(said, bool) and 0 < said < MAX_NUMBER
    return float(said) if number else None  # type: ignore[arg-type]  # it is one


def number_of(text: str) -> float | None:
    """Return a positive number that a driver said as text; None where it said something else."""
    try:
        return number_in(float(text))
    except ValueError:
        return None


def read_capability(capabilities: Mapping[str, Any], name: str) -> str:
    """Return what a capability says, in one line; "" where it says nothing."""
    value = capabilities.get(name, capabilities.get(f"appium:{name}"))
    return "" if value is None else " ".join(str(value).split())[:MAX_NAME_LENGTH]


@dataclass(frozen=True, slots=True)
class Device:
    """What a session is with: the app's package or bundle, the device's name, and its pixel ratio.

    `status_bar` is how high the system's bar above the app is, in logical pixels.
    """

    app: str
    name: str
    pixel_ratio: float
    status_bar: float = 0.0


@dataclass(frozen=True, slots=True)
class Dialog:
    """A dialog of the system over the app.

    `permission` is whether it asks to permit something; `allow` and `deny` are then the buttons to tap.
    """

    text: str
    permission: bool = False
    allow: Node | None = None
    deny: Node | None = None


@dataclass(frozen=True, slots=True)
class DeviceScreen:
    """What was on screen at one moment: its semantics, and the app they are of (package or bundle)."""

    tree: Tree
    app: str
    dialog: Dialog | None = None


class Platform(Protocol):
    """How one platform's driver is asked for what a `FlutterApp` does. Boxes are in logical pixels."""

    @property
    def name(self) -> str:
        """What the platform is called in errors."""
        ...

    @property
    def log(self) -> str:
        """What the driver calls the device's log."""
        ...

    def capabilities(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return the capabilities to ask for: what is given (with prefixes), and what we need."""
        ...

    def device(self, answered: Mapping[str, Any]) -> Device:
        """Read what the session's answer says of the device and the app; raises `AppUnreachable`."""
        ...

    def screen(self, source: str, device: Device) -> DeviceScreen:
        """Parse a page source; raises `SemanticsMissing`."""
        ...

    async def start(self, session: AppiumSession, url: str | None) -> None:
        """Start the app, or bring it to the front; at a deep link's whole address if one is given."""
        ...

    async def link(self, session: AppiumSession, url: str) -> None:
        """Have the running app go to a deep link's whole address."""
        ...

    async def stop(self, session: AppiumSession) -> None:
        """End the app's process; its data stays."""
        ...

    async def clear(self, session: AppiumSession) -> None:
        """End the app's process and remove its data."""
        ...

    async def state(self, session: AppiumSession) -> State:
        """Ask what became of the app."""
        ...

    async def back(self, session: AppiumSession) -> None:
        """Do what a person does to go back."""
        ...

    async def tap(self, session: AppiumSession, x: float, y: float) -> None:
        """Tap a place, in logical pixels, in one call."""
        ...

    async def swipe(
        self, session: AppiumSession, start: tuple[float, float], end: tuple[float, float]
    ) -> None:
        """Drag from one place to another and let go at rest, in one call."""
        ...

    async def set_text(self, session: AppiumSession, node: Node, text: str) -> bool:
        """Replace the content of a field; false where the field doesn't have the focus (any more)."""
        ...

    async def prepare_stream(self, session: AppiumSession, *, rate: int) -> bool:
        """Have the driver stream so many pictures a second, of a fit size, before the stream is watched.

        False where the driver doesn't stream in turns, each picture taken once the one before was sent:
        nothing bounds then when a picture was shown.
        """
        ...

    async def keyboard_beside_tree(self, session: AppiumSession, tree: Tree, point: Point) -> Box | None:
        """Return where a soft keyboard may be that isn't in the tree; None where it can't cover a point."""
        ...

    async def hide_keyboard(self, session: AppiumSession) -> None:
        """Hide the soft keyboard; raises `Refused` where the driver can't."""
        ...

    async def choose_file(
        self,
        driver: AppiumDriver,
        open_picker: Callable[[], Awaitable[object]],
        file: Path,
        *,
        seconds: float,
    ) -> Interval:
        """Open the system's picker and pick a file; raises `PickerMissing` or `PickerStuck`."""
        ...
