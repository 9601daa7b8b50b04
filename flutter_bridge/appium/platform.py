"""What differs between the platforms Appium drives: the one interface a new one fills in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from flutter_bridge.clock import Interval
from flutter_bridge.errors import BridgeError
from flutter_bridge.occlusion import Point
from flutter_bridge.semantics import Box, Node, Tree
from flutter_bridge.system_names import SystemNames

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


TAP_MS = 50
"""How long a tap lasts."""

DRAG_MS, HOLD_MS = 300, 100
"""How long a swipe takes, and how long it rests before it lets go, so that nothing is flung."""


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


class Platform(ABC):
    """How one platform's driver is asked for what an app does. Points and boxes are in logical pixels.

    `pixel_ratio` is taken where the driver doesn't say; `system_names` are the device's own.
    """

    name: ClassVar[str]
    """What the platform is called, in capabilities and in errors."""

    automation: ClassVar[str]
    """What its driver is called in capabilities."""

    log: ClassVar[str]
    """What the driver calls the device's log."""

    settings: ClassVar[Mapping[str, object]]
    states: ClassVar[Mapping[int, State]]

    def __init__(self, *, pixel_ratio: float | None = None, system_names: SystemNames | None = None) -> None:
        self._pixel_ratio = pixel_ratio
        self._names = system_names or SystemNames()

    # The session

    def capabilities(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return the capabilities to ask for: what is given (with prefixes), and ours beside it."""
        wanted: dict[str, object] = {
            "platformName": self.name,
            "appium:automationName": self.automation,
            # We clear and start the app ourselves, as often as there are people to use it.
            "appium:noReset": True,
            "appium:autoLaunch": False,
            # An actor may have nothing to do for longer than the driver's minute.
            "appium:newCommandTimeout": 600,
        }
        wanted.update({f"appium:settings[{name}]": value for name, value in self.settings.items()})
        wanted.update(given)
        return wanted

    @abstractmethod
    def device(self, answered: Mapping[str, Any]) -> Device:
        """Read what the session's answer says of the device and the app; raises `AppUnreachable`."""

    @abstractmethod
    def screen(self, source: str, device: Device) -> DeviceScreen:
        """Parse a page source; raises `SemanticsMissing`."""

    # The app

    async def start(self, session: AppiumSession, url: str | None) -> None:
        """Start the app, or bring it to the front; at a deep link's whole address if one is given."""
        if url is not None:
            await self.link(session, url)
        else:
            await self.launch(session)

    @abstractmethod
    async def launch(self, session: AppiumSession) -> None:
        """Start the app, or bring it to the front."""

    @abstractmethod
    async def link(self, session: AppiumSession, url: str) -> None:
        """Have the app go to a deep link's whole address, which launches it too."""

    @abstractmethod
    async def stop(self, session: AppiumSession) -> None:
        """End the app's process; its data stays."""

    @abstractmethod
    async def clear(self, session: AppiumSession) -> None:
        """End the app's process and remove its data."""

    @abstractmethod
    async def ask_state(self, session: AppiumSession) -> object:
        """Return what the driver answers to the question what became of the app."""

    async def state(self, session: AppiumSession) -> State:
        """Ask what became of the app."""
        number = await self.ask_state(session)
        return self.states.get(number, "behind") if isinstance(number, int) else "behind"

    # The finger

    async def tap(self, session: AppiumSession, point: Point) -> None:
        """Put a finger down and lift it, in one call."""
        await session.touch(
            [
                self.move(session, point),
                {"type": "pointerDown", "button": 0},
                {"type": "pause", "duration": TAP_MS},
                {"type": "pointerUp", "button": 0},
            ]
        )

    async def swipe(self, session: AppiumSession, start: Point, end: Point) -> None:
        """Drag a finger over the screen and lift it at rest, in one call."""
        await session.touch(
            [
                self.move(session, start),
                {"type": "pointerDown", "button": 0},
                self.move(session, end, milliseconds=DRAG_MS),
                {"type": "pause", "duration": HOLD_MS},
                {"type": "pointerUp", "button": 0},
            ]
        )

    def move(self, session: AppiumSession, point: Point, *, milliseconds: int = 0) -> dict[str, object]:
        """Return the step that takes a finger to a place."""
        x, y = self.place(session, point)
        return {"type": "pointerMove", "duration": milliseconds, "x": x, "y": y, "origin": "viewport"}

    def place(self, session: AppiumSession, point: Point) -> Point:  # noqa: ARG002 - for who needs the ratio
        """Return a place in the driver's own pixels: logical ones, if nothing is said."""
        return point

    @abstractmethod
    async def back(self, session: AppiumSession) -> None:
        """Do what a person does to go back."""

    # The keyboard

    @abstractmethod
    async def set_text(self, session: AppiumSession, node: Node, text: str) -> bool:
        """Replace the content of a field; false where the field doesn't have the focus (any more)."""

    async def keyboard_beside_tree(
        self,
        session: AppiumSession,  # noqa: ARG002 - for who has to ask
        tree: Tree,  # noqa: ARG002
        point: Point,  # noqa: ARG002
    ) -> Box | None:
        """Return where a soft keyboard may be that isn't in the tree; None where it can't cover a point."""
        return None

    async def hide_keyboard(self, session: AppiumSession) -> None:
        """Press the key that hides the keyboard, if it has one; raises `CommandRefused` where it has none."""
        await session.script("mobile: hideKeyboard")

    # Files, and the stream

    @abstractmethod
    async def choose_file(
        self,
        driver: AppiumDriver,
        open_picker: Callable[[], Awaitable[object]],
        file: Path,
        *,
        seconds: float,
    ) -> Interval:
        """Open the system's picker and pick a file; raises `PickerMissing` or `PickerStuck`."""

    async def prepare_stream(self, session: AppiumSession, *, rate: int) -> bool:  # noqa: ARG002
        """Have the driver stream so many pictures a second, of a fit size, before the stream is watched.

        False where the driver doesn't stream in turns, each picture taken once the one before was sent:
        nothing bounds then when a picture was shown.
        """
        return False
