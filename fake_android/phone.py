"""The phone: apps' web builds in a phone-sized Chromium, and the system's own screens around them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from playwright.async_api import Browser, Error

from fake_android.device import AndroidNode, DeviceGone, InstalledApp, PhoneLog, PhoneSetup, Rotation
from fake_android.files import PhoneFiles
from fake_android.input import BACK, ESCAPE, HOME, TouchStep, system_gesture
from fake_android.window import PhoneWindow
from fake_android.window_manager import WindowManager
from flutter_bridge import AppUnreachable, temporary_folder

T = TypeVar("T")


@asynccontextmanager
async def open_phone(setup: PhoneSetup, *, browser: Browser) -> AsyncIterator[Phone]:
    """Switch a phone on in a browser, and off at the end."""
    with temporary_folder("standin") as folder:
        phone = Phone(setup, browser, PhoneFiles(folder))
        try:
            await phone.boot()
            yield phone
        finally:
            await phone.close()


class Phone:
    """One phone, made by `open_phone`: what adb and the UiAutomator2 server ask and tell.

    Coordinates are physical pixels of the screen as it is turned now. Gestures are done in turn, all else at
    any time. Raises `DeviceGone` once it is switched off or its browser died.
    """

    def __init__(self, setup: PhoneSetup, browser: Browser, files: PhoneFiles) -> None:
        self.setup = setup
        self.log = PhoneLog()
        self._browser = browser
        self._files = files
        self._windows = WindowManager(setup, browser, files, self.log)
        self._apps = self._windows.apps
        self._closed = False
        self._touching = asyncio.Lock()

    async def boot(self) -> None:
        """Show the home screen; `open_phone` does this."""
        await self._guard(self._windows.boot())

    async def close(self) -> None:
        """Switch the phone off; twice does nothing."""
        if self._closed:
            return
        self._closed = True
        await self._windows.close()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in physical pixels, as it is turned now."""
        width, height = (math.floor(side * self.setup.pixel_ratio + 0.5) for side in self._windows.size)
        return width, height

    @property
    def rotation(self) -> Rotation:
        """How it is turned, in degrees."""
        return self._windows.rotation

    # What is on screen

    async def window(self) -> AndroidNode:
        """Return the root of the active window: an app's, or the system's (home, picker, dialog) over it."""
        return await self._ask(lambda window: window.read())

    async def windows(self) -> list[AndroidNode]:
        """Return the roots of all windows on screen: the soft keyboard's if it is up, the active one last."""
        return await self._ask(lambda window: window.read_all())

    async def wait_until_idle(self, seconds: float) -> None:
        """Wait until nothing has changed for half a second, `seconds` at most: Android's wait for idle."""
        await self._ask(lambda window: window.wait_until_idle(seconds))

    async def screenshot(self) -> bytes:
        """Take a PNG of the whole screen, in physical pixels; it shows a moment after the call began."""
        return await self._ask(lambda window: window.camera.png())

    async def jpeg(self, *, quality: int, scale: float) -> bytes:
        """Take a JPEG of the whole screen, `scale` times as large; it shows a moment after the call began."""
        return await self._ask(lambda window: window.camera.jpeg(quality=quality, scale=scale))

    async def is_keyboard_up(self) -> bool:
        """Whether the soft keyboard is up."""
        return await self._ask(lambda window: window.is_keyboard_up())

    async def use_keyboard(self, *, shown: bool) -> None:
        """Take the soft keyboard for what is typed, or an input method that shows nothing."""
        await self._guard(self._windows.use_keyboard(shown=shown))

    # What fingers and keys do

    async def touch(self, fingers: Sequence[Sequence[TouchStep]]) -> None:
        """Touch the screen: a sequence of steps for each finger; ends when all are lifted.

        What begins at the screen's edge may be the system's: it goes back then, or home.
        """
        async with self._touching:
            match system_gesture(fingers, size=self.size, pixel_ratio=self.setup.pixel_ratio):
                case "back":
                    await self._go_back()
                case "home":
                    self._windows.go_home()
                case _:
                    await self._tell(lambda window: window.touch(fingers))

    async def set_text(self, node: AndroidNode, text: str) -> bool:
        """Do ACTION_SET_TEXT on a node of the active window; false where it isn't that window's.

        A Flutter field without the focus says yes and ignores it, as on a device.
        """

        async def enter(window: PhoneWindow) -> bool:
            return node.package == window.package and await window.set_text(node, text)

        async with self._touching:
            return await self._ask(enter)

    async def press_key(self, code: int, *, meta: int = 0, long: bool = False) -> None:
        """Press a key by its Android key code: back (4), home (3), enter (66), delete (67), letters ..."""
        async with self._touching:
            if code == HOME:
                self._windows.go_home()
            elif code == BACK:
                await self._go_back()
            elif code == ESCAPE:
                await self._tell(lambda window: window.escape())
            else:
                await self._tell(lambda window: window.press(code, meta, long=long))

    async def _go_back(self) -> None:
        """Hide the keyboard, or go back in the window, or leave it."""
        if await self._tell(lambda window: window.hide_keyboard()):
            return
        if not await self._tell(lambda window: window.back()):
            self._apps.front = None

    async def type_text(self, text: str) -> None:
        """Type into what has the focus, as `adb shell input text` does."""
        async with self._touching:
            await self._tell(lambda window: window.type_text(text))

    async def rotate(self, rotation: Rotation) -> None:
        """Turn the phone."""
        async with self._touching:
            await self._guard(self._windows.turn(rotation))

    # Apps

    @property
    def apps(self) -> Mapping[str, InstalledApp]:
        """What is installed, by package."""
        return self._apps.installed_apps

    @property
    def foreground(self) -> tuple[str, str]:
        """Package and activity of what is on top, the system's own included."""
        top = self._windows.top
        return top.package, top.activity

    def is_running(self, package: str) -> bool:
        """Whether an app has a process, in the foreground or behind."""
        return package in self._apps.running_apps

    async def install(self, app: InstalledApp) -> None:
        """Install an app, or a new version of it, which keeps the data."""
        await self._guard(self._apps.install(app))
        await self._guard(self._windows.show_icons())

    async def uninstall(self, package: str) -> bool:
        """Remove an app and its data; false where there is none."""
        done = await self._guard(self._apps.uninstall(package))
        await self._guard(self._windows.show_icons())
        return done

    async def start(self, package: str, *, link: str | None = None, wait: bool = True) -> None:
        """Bring an app to the front, started if it isn't, at a deep link (/people/42) if one is given.

        With `wait` it ends as `am start -W` does, when the app has drawn its first frame; without, at once:
        until then the phone shows the app's launch screen, in which there is nothing of Flutter's. Raises
        `LookupError` where it isn't installed, and with `wait` `AppUnreachable` where nobody serves it.
        """
        await self._guard(self._apps.start(package, link, wait=wait))

    async def stop(self, package: str) -> None:
        """End an app's process (`am force-stop`); its data stays."""
        await self._guard(self._apps.stop(package))
        await self._guard(self._windows.leave_dialog_of(package))

    async def clear(self, package: str) -> None:
        """End an app's process and remove its data (`pm clear`)."""
        await self._guard(self._apps.clear(package))
        await self._guard(self._windows.leave_dialog_of(package))

    # Files

    async def push(self, path: str, content: bytes) -> None:
        """Write a file, which the picker offers below /sdcard/; raises `OSError` or `ValueError`."""
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
            await self._guard(self._windows.show_dialog(kind))

    # Asking what is on top

    async def _ask(self, question: Callable[[PhoneWindow], Awaitable[T]]) -> T:
        """Ask the window on top; the next one where it goes away meanwhile."""
        while True:
            window = self._windows.top
            try:
                return await self._guard(question(window))
            except (Error, AppUnreachable):
                if window is self._windows.top:
                    raise

    async def _tell(self, action: Callable[[PhoneWindow], Awaitable[T]]) -> T | None:
        """Have something done to the window on top; what comes when it has gone reaches nobody."""
        window = self._windows.top
        try:
            return await self._guard(action(window))
        except (Error, AppUnreachable):
            if window is self._windows.top:
                raise
            return None

    async def _guard(self, doing: Awaitable[T]) -> T:
        """Do something while the phone is there."""
        try:
            return await doing
        except (Error, AppUnreachable) as error:
            if self._closed:
                raise DeviceGone(f"{self.setup.serial} was switched off") from error
            if not await self._browser_answers():
                raise DeviceGone(f"the browser that shows {self.setup.serial} is gone") from error
            raise

    async def _browser_answers(self) -> bool:
        """Whether the browser lives; it is asked, as news of its death may come later than what it broke."""
        try:
            session = await self._browser.new_browser_cdp_session()
            await session.detach()
        except Error:
            return False
        return True
