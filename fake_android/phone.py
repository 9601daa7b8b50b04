"""The phone: apps' web builds in a phone-sized Chromium, and the system's own screens around them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from playwright.async_api import Browser, Error

from fake_android.chromium import open_browser
from fake_android.device import App, DeviceGone, Rotation, Setup, TouchStep
from fake_android.files import Files
from fake_android.keys import BACK, ESCAPE, HOME
from fake_android.log import Log
from fake_android.node import AndroidNode
from fake_android.screen import Screen
from fake_android.window import Window
from flutter_bridge import AppUnreachable, temporary_folder

T = TypeVar("T")


@asynccontextmanager
async def open_phone(setup: Setup, *, browser: Browser | None = None) -> AsyncIterator[Phone]:
    """Switch a phone on, in a browser of its own unless one is given, and off at the end.

    `setup.browser_arguments` are for a browser of its own.
    """
    if browser is None:
        async with open_browser(setup.browser_arguments) as own, open_phone(setup, browser=own) as phone:
            yield phone
        return
    with temporary_folder("standin") as folder:
        phone = Phone(setup, browser, Files(folder))
        try:
            await phone.boot()
            yield phone
        finally:
            await phone.close()


class Phone:
    """A `Device`; made by `open_phone`. All may be asked for at the same time; gestures are done in turn.

    Raises `DeviceGone` once it is switched off or its browser died.
    """

    def __init__(self, setup: Setup, browser: Browser, files: Files) -> None:
        self._setup = setup
        self._browser = browser
        self._files = files
        self.log = Log()
        self._screen = Screen(setup, browser, files, self.log)
        self._apps = self._screen.apps
        self._closed = False
        self._touching = asyncio.Lock()
        self._seen: tuple[object, float] | None = None
        self._version = self._base = 0

    async def boot(self) -> None:
        """Show the home screen; `open_phone` does this."""
        await self._guarded(self._screen.boot())

    @property
    def setup(self) -> Setup:
        """How it was made."""
        return self._setup

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in physical pixels, as it is turned now."""
        width, height = (math.floor(side * self._setup.pixel_ratio + 0.5) for side in self._screen.size)
        return width, height

    @property
    def rotation(self) -> Rotation:
        """How it is turned, in degrees."""
        return self._screen.rotation

    # What is on screen

    async def window(self) -> AndroidNode:
        """Return the root of the active window."""
        return await self._ask(lambda window: window.read())

    async def version(self) -> int:
        """Return a number that grows whenever the active window's content may have changed."""

        async def stamped(window: Window) -> tuple[Window, float, int]:
            return window, *(await window.stamp())

        window, document, changes = await self._ask(stamped)
        if self._seen != (window, document):
            self._seen = window, document
            self._base = self._version + 1
        self._version = max(self._version, self._base + changes)
        return self._version

    async def quiet(self, seconds: float) -> None:
        """Wait until nothing has changed for half a second, `seconds` at most."""
        await self._ask(lambda window: window.calm(seconds))

    async def screenshot(self) -> bytes:
        """Take a PNG of the whole screen, in physical pixels."""
        return await self._ask(lambda window: window.png())

    async def jpeg(self, *, quality: int, scale: float) -> bytes:
        """Take a JPEG of the whole screen, `scale` times as large."""
        return await self._ask(lambda window: window.jpeg(quality=quality, scale=scale))

    async def is_keyboard_up(self) -> bool:
        """Whether the soft keyboard is up."""
        return await self._ask(lambda window: window.is_keyboard_up())

    # What fingers and keys do

    async def touch(self, fingers: Sequence[Sequence[TouchStep]]) -> None:
        """Touch the screen: a sequence of steps for each finger."""
        async with self._touching:
            await self._tell(lambda window: window.touch(fingers))

    async def set_text(self, node: AndroidNode, text: str) -> bool:
        """Do ACTION_SET_TEXT on a node of the active window; false where it isn't that window's."""

        async def entered(window: Window) -> bool:
            return node.package == window.package and await window.set_text(node, text)

        async with self._touching:
            return await self._ask(entered)

    async def press_key(self, code: int, *, meta: int = 0, long: bool = False) -> None:
        """Press a key by its Android key code."""
        async with self._touching:
            if code == HOME:
                self._screen.go_home()
            elif code in {BACK, ESCAPE} and await self._tell(lambda window: window.hide_keyboard()):
                pass  # that is all they do then
            elif code != BACK:
                await self._tell(lambda window: window.press(code, meta, long=long))
            elif not await self._tell(lambda window: window.back()):
                self._apps.front = None

    async def type_text(self, text: str) -> None:
        """Type into what has the focus."""
        async with self._touching:
            await self._tell(lambda window: window.type_text(text))

    async def rotate(self, rotation: Rotation) -> None:
        """Turn the phone."""
        async with self._touching:
            await self._guarded(self._screen.turn(rotation))

    # Apps

    @property
    def apps(self) -> Mapping[str, App]:
        """What is installed, by package."""
        return self._apps.installed

    @property
    def foreground(self) -> tuple[str, str]:
        """Package and activity of what is on top."""
        top = self._screen.top
        return top.package, top.activity

    def is_running(self, package: str) -> bool:
        """Whether an app has a process."""
        return package in self._apps.running

    async def install(self, app: App) -> None:
        """Install an app, or a new version of it, which keeps the data."""
        await self._guarded(self._apps.install(app))
        await self._guarded(self._screen.show_icons())

    async def uninstall(self, package: str) -> bool:
        """Remove an app and its data; false where there is none."""
        done = await self._guarded(self._apps.uninstall(package))
        await self._guarded(self._screen.show_icons())
        return done

    async def start(self, package: str, *, link: str | None = None) -> None:
        """Bring an app to the front, started if it isn't, at a deep link if one is given.

        Raises `LookupError` where it isn't installed, `AppUnreachable` where nobody serves it.
        """
        await self._guarded(self._apps.start(package, link))

    async def stop(self, package: str) -> None:
        """End an app's process; its data stays."""
        await self._guarded(self._apps.stop(package))
        await self._guarded(self._screen.ended(package))

    async def clear(self, package: str) -> None:
        """End an app's process and remove its data."""
        await self._guarded(self._apps.clear(package))
        await self._guarded(self._screen.ended(package))

    # Files

    async def push(self, path: str, content: bytes) -> None:
        """Write a file; raises `OSError` and `ValueError` where that can't be done."""
        await asyncio.to_thread(self._files.write, path, content)

    async def pull(self, path: str) -> bytes:
        """Read a file; raises `FileNotFoundError`."""
        return await asyncio.to_thread(self._files.read, path)

    async def remove(self, path: str) -> None:
        """Remove a file or a folder, if it is there."""
        await asyncio.to_thread(self._files.remove, path)

    async def files(self, folder: str) -> list[str]:
        """Return the names of what lies in a folder."""
        entries = await asyncio.to_thread(self._files.entries, folder)
        return [entry.name for entry in entries]

    # The phone itself

    async def show_dialog(self, kind: str) -> None:
        """Put a dialog of the system over everything: "permission" or "not responding"."""
        async with self._touching:
            await self._guarded(self._screen.show_dialog(kind))

    async def close(self) -> None:
        """Switch the phone off; twice does nothing."""
        if self._closed:
            return
        self._closed = True
        await self._screen.close()

    # Asking what is on top

    async def _ask(self, question: Callable[[Window], Awaitable[T]]) -> T:
        """Ask the window on top; the next one where it goes away meanwhile."""
        while True:
            window = self._screen.top
            try:
                return await self._guarded(question(window))
            except (Error, AppUnreachable):
                if window is self._screen.top:
                    raise

    async def _tell(self, action: Callable[[Window], Awaitable[T]]) -> T | None:
        """Have something done to the window on top; what comes when it has gone reaches nobody."""
        window = self._screen.top
        try:
            return await self._guarded(action(window))
        except (Error, AppUnreachable):
            if window is self._screen.top:
                raise
            return None

    async def _guarded(self, doing: Awaitable[T]) -> T:
        """Do something while the phone is there."""
        try:
            return await doing
        except (Error, AppUnreachable) as error:
            if self._closed:
                raise DeviceGone(f"{self._setup.serial} was switched off") from error
            if not await self._browser_answers():
                raise DeviceGone(f"the browser that shows {self._setup.serial} is gone") from error
            raise

    async def _browser_answers(self) -> bool:
        """Whether the browser lives; it is asked, as news of its death may come later than what it broke."""
        try:
            session = await self._browser.new_browser_cdp_session()
            await session.detach()
        except Error:
            return False
        return True
