"""A phone without a browser: shows what a test gives it, and writes down what is done to it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from PIL import Image

from fake_android.daemon import Daemon, open_daemon
from fake_android.device import (
    AndroidNode,
    DeviceGone,
    InstalledApp,
    PhoneLog,
    PhoneSetup,
    PixelBounds,
    Rotation,
)
from fake_android.input import TouchStep
from fake_android.keyboard import KEYBOARD_PACKAGE
from fake_android.phone import Phone
from flutter_bridge import AppUnreachable

PACKAGE = "org.example.app"
APP = InstalledApp(PACKAGE, ".MainActivity", "http://127.0.0.1:9/", version=7)
WIDTH, HEIGHT = 400, 800

FIELD = AndroidNode(
    class_name="android.widget.EditText",
    package=PACKAGE,
    text="old",
    resource_id="name",
    bounds=PixelBounds(20, 100, 380, 160),
    ref="field",
)
BUTTON = AndroidNode(
    class_name="android.widget.Button",
    package=PACKAGE,
    content_desc="Save",
    resource_id="save",
    clickable=True,
    bounds=PixelBounds(100, 200, 300, 260),
    ref="button",
)
LIST = AndroidNode(
    class_name="android.widget.ScrollView",
    package=PACKAGE,
    resource_id="list",
    scrollable=True,
    bounds=PixelBounds(0, 300, 400, 800),
    ref="list",
)

BOARD = AndroidNode(
    class_name="android.widget.FrameLayout",
    package=KEYBOARD_PACKAGE,
    bounds=PixelBounds(0, 500, 400, 800),
    children=(AndroidNode(package=KEYBOARD_PACKAGE, content_desc="q", bounds=PixelBounds(0, 500, 40, 575)),),
)


def window(*children: AndroidNode) -> AndroidNode:
    """Return an app's window."""
    return AndroidNode(
        class_name="android.widget.FrameLayout",
        package=PACKAGE,
        bounds=PixelBounds(0, 0, WIDTH, HEIGHT),
        children=children,
        ref="root",
    )


class ScriptedPhone(Phone):
    """Does nothing of what a phone does."""

    rotation: Rotation = 0
    apps: Mapping[str, InstalledApp] = MappingProxyType({})

    def __init__(self, setup: PhoneSetup) -> None:
        self.setup = setup
        self.apps = {app.package: app for app in setup.apps}
        self.running: set[str] = set()
        self.front = ("com.android.launcher3", ".Home")
        self.shown = window(FIELD, BUTTON, LIST)
        self.next_windows: list[AndroidNode] = []
        self.gone = False
        self.unreachable = False
        self.accepts_text = True
        self.color = "#ff0000"
        self.keyboard_up = False
        self.has_keyboard = True
        self.touches: list[list[list[TouchStep]]] = []
        self.keys: list[tuple[int, int, bool]] = []
        self.typed: list[str] = []
        self.started: list[tuple[str, str | None]] = []
        self.cleared: list[str] = []
        self.waited: list[float] = []
        self.dialogs: list[str] = []
        self.stored: dict[str, bytes] = {}
        self.log = PhoneLog()

    @property
    def size(self) -> tuple[int, int]:
        return (WIDTH, HEIGHT) if self.rotation in {0, 180} else (HEIGHT, WIDTH)

    @property
    def foreground(self) -> tuple[str, str]:
        return self.front

    async def window(self) -> AndroidNode:
        if self.gone:
            raise DeviceGone("switched off")
        return self.shown

    async def windows(self) -> list[AndroidNode]:
        return [*([BOARD] if self.keyboard_up else []), await self.window()]

    async def use_keyboard(self, *, shown: bool) -> None:
        self.has_keyboard = shown

    async def wait_until_idle(self, seconds: float) -> None:
        self.waited.append(seconds)

    async def screenshot(self) -> bytes:
        return self._picture("PNG", 1.0)

    async def jpeg(self, *, quality: int, scale: float) -> bytes:
        assert 0 <= quality <= 100
        return self._picture("JPEG", scale)

    def _picture(self, form: str, scale: float) -> bytes:
        encoded = io.BytesIO()
        width, height = self.size
        Image.new("RGB", (round(width * scale), round(height * scale)), self.color).save(encoded, form)
        return encoded.getvalue()

    async def is_keyboard_up(self) -> bool:
        return self.keyboard_up

    async def touch(self, fingers: Sequence[Sequence[TouchStep]]) -> None:
        self.touches.append([list(steps) for steps in fingers])
        if self.next_windows:
            self.shown = self.next_windows.pop(0)

    async def set_text(self, node: AndroidNode, text: str) -> bool:
        if not self.accepts_text:
            return False
        self.shown = window(
            *(replace(child, text=text) if child.ref == node.ref else child for child in self.shown.children)
        )
        return True

    async def press_key(self, code: int, *, meta: int = 0, long: bool = False) -> None:
        self.keys.append((code, meta, long))

    async def type_text(self, text: str) -> None:
        self.typed.append(text)

    async def rotate(self, rotation: Rotation) -> None:
        self.rotation = rotation

    def is_running(self, package: str) -> bool:
        return package in self.running

    async def install(self, app: InstalledApp) -> None:
        self.apps = {**self.apps, app.package: app}

    async def uninstall(self, package: str) -> bool:
        there = package in self.apps
        self.apps = {name: app for name, app in self.apps.items() if name != package}
        return there

    async def start(self, package: str, *, link: str | None = None, wait: bool = True) -> None:  # noqa: ARG002 - a phone's method
        if self.unreachable:
            raise AppUnreachable(f"nobody serves {package}")
        self.started.append((package, link))
        self.running.add(package)
        self.front = (package, self.apps[package].activity)

    async def stop(self, package: str) -> None:
        self.running.discard(package)

    async def clear(self, package: str) -> None:
        self.running.discard(package)
        self.cleared.append(package)

    async def push(self, path: str, content: bytes) -> None:
        self.stored[path] = content

    async def pull(self, path: str) -> bytes:
        if path not in self.stored:
            raise FileNotFoundError(path)
        return self.stored[path]

    async def remove(self, path: str) -> None:
        self.stored = {name: content for name, content in self.stored.items() if not name.startswith(path)}

    async def files(self, folder: str) -> list[str]:
        inside = f"{folder.rstrip('/')}/"
        return sorted({name[len(inside) :].split("/")[0] for name in self.stored if name.startswith(inside)})

    async def show_dialog(self, kind: str) -> None:
        self.dialogs.append(kind)


@asynccontextmanager
async def open_scripted(setup: PhoneSetup) -> AsyncIterator[ScriptedPhone]:
    """Switch one on."""
    yield ScriptedPhone(setup)


@asynccontextmanager
async def running_daemon(folder: Path, *, devices: int = 1) -> AsyncIterator[Daemon]:
    """Run a daemon with scripted phones `stand-in-1` and so on, an app on each."""
    setups = [
        PhoneSetup(f"stand-in-{number}", size=(WIDTH, HEIGHT), apps=(APP,))
        for number in range(1, devices + 1)
    ]
    async with open_daemon(setups, open_device=open_scripted, sdk_root=folder) as daemon:
        yield daemon


async def adb(daemon: Daemon, *arguments: str, folder: Path | None = None) -> tuple[int, str, str]:
    """Run the daemon's adb; its exit code and what it wrote."""
    process = await asyncio.create_subprocess_exec(
        daemon.sdk_root / "platform-tools" / "adb",
        *arguments,
        env=daemon.environment,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()
