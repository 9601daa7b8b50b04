"""What lies on a phone's screen: home, an app, its file picker over it, a dialog of the system over all."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from typing import Any

from playwright.async_api import Browser, BrowserContext, Error

from fake_android.app_window import AppWindow
from fake_android.apps import Apps
from fake_android.chromium import new_storage
from fake_android.device import App, DeviceGone, Rotation, Setup
from fake_android.dialogs import DIALOGS, NOT_RESPONDING, Dialog
from fake_android.files import Files
from fake_android.log import Log
from fake_android.system_ui import SystemUi, icons
from fake_android.system_window import SystemWindow
from fake_android.window import Size, Window
from flutter_bridge import AppUnreachable


class Screen:
    """The windows of one phone. Nothing lies on it before `boot` and after `close`."""

    def __init__(self, setup: Setup, browser: Browser, files: Files, log: Log) -> None:
        self.rotation: Rotation = 0
        self.apps = Apps(setup.apps, lambda: new_storage(browser, setup), self._app_window)
        self._setup = setup
        self._browser = browser
        self._files = files
        self._log = log
        self._system: SystemUi | None = None
        self._home: SystemWindow | None = None
        self._dialog: SystemWindow | None = None
        self._hanging = ""
        self._listening: set[asyncio.Task[None]] = set()

    async def boot(self) -> None:
        """Show the home screen."""
        self._system = SystemUi(
            await new_storage(self._browser, self._setup),
            self._files,
            pixel_ratio=self._setup.pixel_ratio,
            size=lambda: self.size,
        )
        self._home = await self._system.home(self.apps.installed.values())
        self._listen(self._launch_touched(self._home))

    @property
    def size(self) -> Size:
        """Width and height in logical pixels, as the phone is turned now."""
        width, height = self._setup.size
        return (width, height) if self.rotation in {0, 180} else (height, width)

    @property
    def top(self) -> Window:
        """The active window; raises `DeviceGone` where there is none."""
        window = self._dialog or self.apps.in_front or self._home
        if window is None:
            raise DeviceGone(f"{self._setup.serial} is switched off")
        return window.top

    async def turn(self, rotation: Rotation) -> None:
        """Turn the phone, and every window with it."""
        self.rotation = rotation
        for window in self._windows():
            await window.resize(self.size)

    async def show_icons(self) -> None:
        """Show on the home screen what is installed now."""
        if self._home is not None:
            await self._home.show(icons(self.apps.installed.values()))

    def go_home(self) -> None:
        """Leave what is in front for the home screen; a dialog decides for itself."""
        self.apps.front = None
        if self._dialog is not None:
            self._dialog.taken.put_nowait("home")

    async def show_dialog(self, kind: str) -> None:
        """Put a dialog over everything, in place of another; raises `ValueError` where there is no such."""
        if kind not in DIALOGS:
            raise ValueError(f"a stand-in shows no dialog {kind!r}: it knows {', '.join(DIALOGS)}")
        await self._leave_dialog()
        app = self.apps.in_front
        label = (app.app.label or app.package) if app is not None else "System UI"
        self._dialog = await self._booted.dialog(DIALOGS[kind], app=label, over=self.top)
        if DIALOGS[kind] is NOT_RESPONDING and app is not None:
            self._hanging = app.package
        self._listen(self._answer_dialog(self._dialog, DIALOGS[kind], app))

    async def ended(self, package: str) -> None:
        """Take away the dialog that says of an app which has ended that it isn't responding."""
        if self._hanging == package:
            await self._leave_dialog()

    async def close(self) -> None:
        """Close all that lies on it."""
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)
        await self.apps.close()
        for window in self._windows():
            await window.close()
        self._home = self._dialog = None
        if self._system is not None:
            await self._system.close()

    @property
    def _booted(self) -> SystemUi:
        if self._system is None:
            raise DeviceGone(f"{self._setup.serial} is switched off")
        return self._system

    def _windows(self) -> Iterator[Window]:
        yield from self.apps.running.values()
        yield from (window for window in (self._dialog, self._home) if window is not None)

    async def _app_window(self, app: App, storage: BrowserContext) -> AppWindow:
        window = await AppWindow.open(
            app, storage, pixel_ratio=self._setup.pixel_ratio, pick=self._booted.pick, log=self._log
        )
        if self.size != self._setup.size:
            await window.resize(self.size)
        return window

    def _listen(self, listening: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(listening)
        self._listening.add(task)
        task.add_done_callback(self._listening.discard)

    async def _launch_touched(self, home: SystemWindow) -> None:
        """Start what is touched on the home screen."""
        while True:
            package = await home.taken.get()
            # An app that can't be reached, or was removed meanwhile, doesn't start: the home screen stays.
            with suppress(LookupError, AppUnreachable, Error):
                await self.apps.start(package, None)

    async def _answer_dialog(self, window: SystemWindow, dialog: Dialog, app: AppWindow | None) -> None:
        """Close a dialog once it is answered, and do what the answer says."""
        while (answer := await window.taken.get()) not in dialog.leaves:
            pass
        if answer == "close" and app is not None:
            await self.apps.stop(app.package)
        if self._dialog is window:
            await self._leave_dialog()

    async def _leave_dialog(self) -> None:
        window, self._dialog, self._hanging = self._dialog, None, ""
        if window is not None:
            await window.close()
