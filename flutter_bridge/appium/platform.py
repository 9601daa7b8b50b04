"""What differs between the platforms Appium drives, and a session with a device of one of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from appium.webdriver.webdriver import WebDriver

from flutter_bridge.appium.connection import Worker, end_session, start_session
from flutter_bridge.appium.session import DeviceInfo, DeviceSession
from flutter_bridge.errors import BridgeError, CommandRefused, NotSetUp, NotSupported
from flutter_bridge.keys import KeyPress
from flutter_bridge.network import NetworkConditions
from flutter_bridge.occlusion import Point
from flutter_bridge.semantics import Box, Node, Tree
from flutter_bridge.system_names import SystemNames
from flutter_bridge.touch import Finger, Move, Stroke

SLOW_COMMAND_S = 300.0
"""For commands that move or remove much: ended before, the device would go on with them by itself."""

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


DRAG_S, HOLD_S = 0.3, 0.1
"""How long a scroll takes, and how long it rests before it lets go, so that nothing is flung."""


@dataclass(frozen=True, slots=True)
class SystemDialog:
    """A dialog of the system over the app.

    `permission` is whether it asks to permit something; `allow` and `deny` are then the buttons to tap.
    `wait` is the button that gives an app which doesn't respond more time.
    `decline` is the button of an offer that no journey is about, such as to keep a password.
    """

    text: str
    permission: bool = False
    allow: Node | None = None
    deny: Node | None = None
    wait: Node | None = None
    decline: Node | None = None


@dataclass(frozen=True, slots=True)
class DeviceScreen:
    """What was on screen at one moment: its semantics, and the app they are of (package or bundle)."""

    tree: Tree
    app: str
    dialog: SystemDialog | None = None


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

    guesses_text: ClassVar[bool] = False
    """Whether a field says a text that was set in it before the app takes it, and where it never does."""

    settings: ClassVar[Mapping[str, object]]
    states: ClassVar[Mapping[int, State]]

    def __init__(self, *, pixel_ratio: float | None = None, system_names: SystemNames | None = None) -> None:
        self._pixel_ratio = pixel_ratio
        self.system_names = system_names or SystemNames()

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
        if "appium:app" in given:
            # With noReset a driver leaves an app alone that is there already: the build before this one.
            wanted.update({"appium:noReset": False, "appium:enforceAppInstall": True})
        wanted.update({f"appium:settings[{name}]": value for name, value in self.settings.items()})
        wanted.update(given)
        return wanted

    @abstractmethod
    def device(self, answered: Mapping[str, Any]) -> DeviceInfo:
        """Read what the session's answer says of the device and the app; raises `AppUnreachable`."""

    @abstractmethod
    def screen(self, source: str, device: DeviceInfo) -> DeviceScreen:
        """Parse a page source; raises `SemanticsMissing`."""

    # The app

    async def start(self, session: DeviceSession, url: str | None) -> None:
        """Start the app, or bring it to the front; at a deep link's whole address if one is given."""
        if url is not None:
            await self.link(session, url)
        else:
            await self.launch(session)

    @abstractmethod
    async def launch(self, session: DeviceSession) -> None:
        """Start the app, or bring it to the front."""

    @abstractmethod
    async def link(self, session: DeviceSession, url: str) -> None:
        """Have the app go to a deep link's whole address, which launches it too."""

    @abstractmethod
    async def stop(self, session: DeviceSession) -> None:
        """End the app's process; its data stays."""

    @abstractmethod
    async def clear(self, session: DeviceSession) -> None:
        """End the app's process and remove its data."""

    @abstractmethod
    async def ask_state(self, session: DeviceSession) -> object:
        """Return what the driver answers to the question what became of the app."""

    async def state(self, session: DeviceSession) -> State:
        """Ask what became of the app."""
        number = await self.ask_state(session)
        return self.states.get(number, "behind") if isinstance(number, int) else "behind"

    # The finger

    async def touch(self, session: DeviceSession, fingers: Sequence[Finger]) -> None:
        """Do a gesture, in one call."""
        await session.touch(fingers, place=lambda point: self.place(session, point))

    async def scroll(self, session: DeviceSession, start: Point, end: Point) -> None:
        """Drag a finger over the screen and lift it at rest, in one call."""
        await self.touch(session, [[Stroke(start, (Move(end, DRAG_S), Move(end, HOLD_S)))]])

    def place(self, session: DeviceSession, point: Point) -> Point:  # noqa: ARG002 - for who needs the ratio
        """Return a place in the driver's own pixels: logical ones, if nothing is said."""
        return point

    @abstractmethod
    async def back(self, session: DeviceSession) -> None:
        """Do what a person does to go back."""

    @abstractmethod
    async def send_home(self, session: DeviceSession) -> None:
        """Send the app to the background, until it is launched again."""

    async def set_network(self, session: DeviceSession, conditions: NetworkConditions) -> None:  # noqa: ARG002 - for who can
        """Give the device another network, or its own again; raises `NotSupported`, `CommandRefused`."""
        raise NotSupported(f"{type(self).__name__} devices can't be given another network through Appium")

    # The keyboard

    @abstractmethod
    async def press(self, session: DeviceSession, key: KeyPress) -> None:
        """Press a key of a keyboard; raises `CommandRefused` where there is none such."""

    @abstractmethod
    async def set_text(self, session: DeviceSession, node: Node, text: str) -> bool:
        """Replace the content of a field; false where the field doesn't have the focus (any more)."""

    async def find_keyboard(
        self,
        session: DeviceSession,  # noqa: ARG002 - for who has to ask
        tree: Tree,  # noqa: ARG002 - other platforms look into it
    ) -> Box | None:
        """Return where a soft keyboard is that isn't in the tree; None where none is up."""
        return None

    async def hide_keyboard(self, session: DeviceSession) -> None:
        """Hide a keyboard that is up; raises `CommandRefused` where it has no key that does it."""
        await session.script("mobile: hideKeyboard")

    async def prepare_stream(self, session: DeviceSession, *, rate: int) -> bool:  # noqa: ARG002 - Android asks for it
        """Have the driver stream so many pictures a second, of a fit size, before the stream is watched.

        False where the driver doesn't stream in turns, each picture taken once the one before was sent:
        nothing bounds then when a picture was shown.
        """
        return False


class AppiumSession(DeviceSession):
    """A session with a device, driven as its platform is; made by `connect`.

    Opening a session takes seconds on a device, so a session outlives its apps: `fresh` clears the app's data
    and starts it for the next person.
    """

    def __init__(self, driver: WebDriver, worker: Worker, platform: Platform, device: DeviceInfo) -> None:
        super().__init__(driver, worker, device)
        self.platform = platform

    async def start_fresh(self, url: str | None) -> None:
        """Start the app without any data: at a deep link's whole address, or where it starts by itself."""
        try:
            await self.platform.clear(self)
        except CommandRefused as error:
            if await self.platform.state(self) != "not installed":
                raise
            raise NotSetUp(
                f"{self.device.app} is not installed on {self.device.name}: install it, or name its file"
            ) from error
        await self.platform.start(self, url)


@asynccontextmanager
async def connect(
    server: str, capabilities: Mapping[str, object], platform: Platform, *, start_timeout: float = 60.0
) -> AsyncIterator[AppiumSession]:
    """Open a session at an Appium server; it ends with the context.

    `capabilities` are the driver's, with or without `appium:`; what the platform wants set is added where
    nothing is said about it. Raises `AppUnreachable` in one line where there is no Appium, no device or no
    session to be had.
    """
    wanted = platform.capabilities(_prefix(capabilities))
    driver, worker = await start_session(server, wanted, seconds=start_timeout)
    try:
        session = AppiumSession(driver, worker, platform, platform.device(wanted | driver.caps))
    except BaseException:
        await end_session(worker, [driver])
        raise
    try:
        yield session
    finally:
        await session.close()


def _prefix(capabilities: Mapping[str, object]) -> dict[str, object]:
    standard = {"platformName", "browserName"}
    return {
        name if name in standard or ":" in name else f"appium:{name}": value
        for name, value in capabilities.items()
    }
