"""What the protocols of a stand-in (adb, UiAutomator2) need of the phone behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from fake_android.log import Log
from fake_android.node import AndroidNode

Rotation = Literal[0, 90, 180, 270]


@dataclass(frozen=True, slots=True)
class App:
    """An app that is installed: `url` is where its web build is served, `version` its version code."""

    package: str
    activity: str
    url: str
    version: int = 1
    label: str = ""


@dataclass(frozen=True, slots=True)
class TouchStep:
    """One moment of one finger: where it is (physical pixels), `at` seconds after the gesture began."""

    at: float
    x: float
    y: float
    down: bool = True


@dataclass(frozen=True, slots=True)
class Setup:
    """How a stand-in is made: its name to adb, its screen in logical pixels, its pixel ratio, its apps."""

    serial: str
    size: tuple[int, int] = (412, 915)
    pixel_ratio: float = 1.0
    sdk: int = 34
    apps: tuple[App, ...] = ()
    browser_arguments: tuple[str, ...] = field(default=())


class DeviceGone(Exception):
    """The stand-in was unplugged, or its browser died."""


class Device(Protocol):
    """One phone. Coordinates are physical pixels of the screen as it is turned now."""

    @property
    def setup(self) -> Setup:
        """How it was made."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in physical pixels, as it is turned now."""
        ...

    @property
    def rotation(self) -> Rotation:
        """How it is turned, in degrees."""
        ...

    @property
    def log(self) -> Log:
        """What its apps have printed."""
        ...

    # What is on screen

    async def window(self) -> AndroidNode:
        """Return the root of the active window: an app's, or the system's (home, picker, dialog) over it."""
        ...

    async def version(self) -> int:
        """Return a number that grows whenever the active window's content may have changed."""
        ...

    async def quiet(self, seconds: float) -> None:
        """Wait until nothing has changed for half a second, `seconds` at most: Android's wait for idle."""
        ...

    async def screenshot(self) -> bytes:
        """Take a PNG of the whole screen, in physical pixels; it shows a moment after the call began."""
        ...

    async def jpeg(self, *, quality: int, scale: float) -> bytes:
        """Take a JPEG of the whole screen, `scale` times as large; it shows a moment after the call began."""
        ...

    # What fingers and keys do

    async def is_keyboard_up(self) -> bool:
        """Whether the soft keyboard is up."""
        ...

    async def touch(self, fingers: Sequence[Sequence[TouchStep]]) -> None:
        """Touch the screen: a sequence of steps for each finger; ends when all are lifted."""
        ...

    async def set_text(self, node: AndroidNode, text: str) -> bool:
        """Do ACTION_SET_TEXT; a Flutter field without the focus says yes and ignores it, as on a device."""
        ...

    async def press_key(self, code: int, *, meta: int = 0, long: bool = False) -> None:
        """Press a key by its Android key code: back (4), home (3), enter (66), delete (67), letters ..."""
        ...

    async def type_text(self, text: str) -> None:
        """Type into what has the focus, as `adb shell input text` does."""
        ...

    async def rotate(self, rotation: Rotation) -> None:
        """Turn the phone."""
        ...

    # Apps

    @property
    def apps(self) -> Mapping[str, App]:
        """What is installed, by package."""
        ...

    @property
    def foreground(self) -> tuple[str, str]:
        """Package and activity of what is on top, the system's own included."""
        ...

    def is_running(self, package: str) -> bool:
        """Whether an app has a process, in the foreground or behind."""
        ...

    async def install(self, app: App) -> None:
        """Install an app, or a new version of it."""
        ...

    async def uninstall(self, package: str) -> bool:
        """Remove an app and its data; false where there is none."""
        ...

    async def start(self, package: str, *, link: str | None = None) -> None:
        """Bring an app to the front, started if it isn't; at a deep link (/people/42) if one is given.

        Ends as `am start -W` does: when the app has drawn its first frame.
        """
        ...

    async def stop(self, package: str) -> None:
        """End an app's process (`am force-stop`); its data stays."""
        ...

    async def clear(self, package: str) -> None:
        """End an app's process and remove its data (`pm clear`)."""
        ...

    # Files

    async def push(self, path: str, content: bytes) -> None:
        """Write a file; the system's picker offers what lies below /sdcard/."""
        ...

    async def pull(self, path: str) -> bytes:
        """Read a file; raises `FileNotFoundError`."""
        ...

    async def remove(self, path: str) -> None:
        """Remove a file or a folder, if it is there."""
        ...

    async def files(self, folder: str) -> list[str]:
        """Return the names of what lies in a folder."""
        ...

    # Faults, for tests of what a runner makes of them

    async def show_dialog(self, kind: str) -> None:
        """Put a dialog of the system over everything: "permission" or "not responding"."""
        ...

    async def close(self) -> None:
        """Switch the phone off."""
        ...
