"""What lies on a phone's screen: home, an app, its file picker over it, a dialog of the system over all."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, Error

from fake_android.apps import AppWindow, PhoneApps
from fake_android.device import DeviceGone, InstalledApp, PhoneLog, PhoneSetup, Rotation
from fake_android.files import PICKER_ACTIVITY, PICKER_PACKAGE, FilePicker, PhoneFiles
from fake_android.window import PhoneWindow, Size, SystemWindow, new_storage, use_keyboard
from flutter_bridge import AppUnreachable

LAUNCHER: Final = "com.android.launcher3"
CONTROLLER: Final = "com.android.permissioncontroller"


@dataclass(frozen=True, slots=True)
class DialogTemplate:
    """A dialog: whose it is, what it says, and what can be answered.

    `message` is an id and a text about `{app}`, an answer an id, a text and what it means; those in `leaves`
    close the dialog, any other does nothing. Without an activity it is one of the window below.
    """

    package: str
    activity: str
    root: str
    message: tuple[str, str]
    answers: tuple[tuple[str, str, str], ...]
    leaves: frozenset[str]


PERMISSION: Final = DialogTemplate(
    CONTROLLER,
    f"{CONTROLLER}.permission.ui.GrantPermissionsActivity",
    f"{CONTROLLER}:id/grant_dialog",
    (f"{CONTROLLER}:id/permission_message", "Allow {app} to send you notifications?"),
    (
        (f"{CONTROLLER}:id/permission_allow_button", "Allow", "allow"),
        (f"{CONTROLLER}:id/permission_deny_button", "Don\u2019t allow", "deny"),
    ),
    frozenset({"allow", "deny", "back", "home"}),
)
NOT_RESPONDING: Final = DialogTemplate(
    "android",
    "",
    "android:id/parentPanel",
    ("android:id/alertTitle", "{app} isn't responding"),
    (("android:id/aerr_close", "Close app", "close"), ("android:id/aerr_wait", "Wait", "wait")),
    frozenset({"close", "wait"}),
)
DIALOGS: Final = {"permission": PERMISSION, "not responding": NOT_RESPONDING}


class WindowManager:
    """The windows of one phone. Nothing lies on it before `boot` and after `close`."""

    def __init__(self, setup: PhoneSetup, browser: Browser, files: PhoneFiles, log: PhoneLog) -> None:
        self.rotation: Rotation = 0
        self.apps = PhoneApps(setup.apps, self._new_storage, self._app_window)
        self._setup = setup
        self._browser = browser
        self._files = files
        self._log = log
        self._system_storage: BrowserContext | None = None
        self._home: SystemWindow | None = None
        self._dialog: SystemWindow | None = None
        self._hanging = ""
        self._has_keyboard = True
        self._listening: set[asyncio.Task[None]] = set()

    async def boot(self) -> None:
        """Show the home screen."""
        self._system_storage = await new_storage(self._browser, self._setup)
        self._home = await self._open(
            "home", self._icons(), LAUNCHER, f"{LAUNCHER}.uioverrides.QuickstepLauncher"
        )
        self._listen(self._launch_touched(self._home))

    @property
    def size(self) -> Size:
        """Width and height in logical pixels, as the phone is turned now."""
        width, height = self._setup.size
        return (width, height) if self.rotation in {0, 180} else (height, width)

    @property
    def top(self) -> PhoneWindow:
        """The active window; raises `DeviceGone` where there is none."""
        window = self._dialog or self.apps.app_in_front or self._home
        if window is None:
            raise self._gone_error()
        return window.top

    async def turn(self, rotation: Rotation) -> None:
        """Turn the phone, and every window with it."""
        self.rotation = rotation
        for window in self._windows():
            await window.resize(self.size)

    async def use_keyboard(self, *, shown: bool) -> None:
        """Have apps show the soft keyboard, or none."""
        self._has_keyboard = shown
        for storage in self.apps.storages:
            await use_keyboard(storage, shown=shown)

    async def show_icons(self) -> None:
        """Show on the home screen what is installed now."""
        if self._home is not None:
            await self._home.show(self._icons())

    def go_home(self) -> None:
        """Leave what is in front for the home screen; a dialog decides for itself."""
        self.apps.front = None
        if self._dialog is not None:
            self._dialog.events.put_nowait("home")

    async def show_dialog(self, kind: str) -> None:
        """Put a dialog over everything, in place of another; raises `ValueError` where there is no such."""
        if kind not in DIALOGS:
            raise ValueError(f"a stand-in shows no dialog {kind!r}: it knows {', '.join(DIALOGS)}")
        await self._leave_dialog()
        app = self.apps.app_in_front
        dialog = DIALOGS[kind]
        self._dialog = await self._open_dialog(dialog, app.app.display_name if app else "System UI")
        if dialog is NOT_RESPONDING and app is not None:
            self._hanging = app.package
        self._listen(self._answer_dialog(self._dialog, dialog, app))

    async def leave_dialog_of(self, package: str) -> None:
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
        if self._system_storage is not None:
            # A browser that is gone has closed it already.
            with suppress(Error):
                await self._system_storage.close()

    def _gone_error(self) -> DeviceGone:
        return DeviceGone(f"{self._setup.serial} is switched off")

    def _windows(self) -> Iterator[PhoneWindow]:
        yield from self.apps.running_apps.values()
        yield from (window for window in (self._dialog, self._home) if window is not None)

    async def _new_storage(self) -> BrowserContext:
        storage = await new_storage(self._browser, self._setup)
        if not self._has_keyboard:
            await use_keyboard(storage, shown=False)
        return storage

    def _icons(self) -> Mapping[str, object]:
        """Return what the home screen shows."""
        apps = self.apps.installed_apps.values()
        return {"apps": [{"package": app.package, "label": app.display_name} for app in apps]}

    async def _open(
        self, name: str, content: Mapping[str, object] | None, package: str, activity: str
    ) -> SystemWindow:
        """Open a window of the system's own."""
        if self._system_storage is None:
            raise self._gone_error()
        window = await SystemWindow.open(
            self._system_storage,
            name,
            package=package,
            activity=activity,
            pixel_ratio=self._setup.pixel_ratio,
        )
        try:
            await window.resize(self.size)
            if content is not None:
                await window.show(content)
        except BaseException:
            await window.close()
            raise
        return window

    async def _open_dialog(self, dialog: DialogTemplate, app: str) -> SystemWindow:
        """Show a dialog for an app over the window on top, which stands still meanwhile."""
        below = self.top
        picture = await below.camera.jpeg(quality=80, scale=1 / self._setup.pixel_ratio)
        content = {
            "backdrop": f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}",
            "root": dialog.root,
            "message": {"id": dialog.message[0], "text": dialog.message[1].format(app=app)},
            "answers": [{"id": id_, "text": text, "take": take} for id_, text, take in dialog.answers],
        }
        return await self._open("dialog", content, dialog.package, dialog.activity or below.activity)

    async def _pick_files(
        self, accept: str, multiple: bool, over: Callable[[PhoneWindow | None], None]
    ) -> list[Path]:
        """Show the file picker until it is left; `over` is told which window it is, and that it is gone."""
        window = await self._open("picker", None, PICKER_PACKAGE, PICKER_ACTIVITY)
        over(window)
        try:
            return await FilePicker(window, self._files, accept=accept, multiple=multiple).pick()
        finally:
            over(None)
            await window.close()

    async def _app_window(self, app: InstalledApp, storage: BrowserContext) -> AppWindow:
        page = await storage.new_page()
        window = AppWindow(
            app,
            page,
            await storage.new_cdp_session(page),
            pixel_ratio=self._setup.pixel_ratio,
            strict=self._setup.strict,
            pick=self._pick_files,
            log=self._log,
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
            package = await home.events.get()
            # An app that can't be reached, or was removed meanwhile, doesn't start: the home screen stays.
            with suppress(LookupError, AppUnreachable, Error):
                await self.apps.start(package, None, wait=False)

    async def _answer_dialog(
        self, window: SystemWindow, dialog: DialogTemplate, app: AppWindow | None
    ) -> None:
        """Close a dialog once it is answered, and do what the answer says."""
        while (answer := await window.events.get()) not in dialog.leaves:
            pass
        if answer == "close" and app is not None:
            await self.apps.stop(app.package)
        if self._dialog is window:
            await self._leave_dialog()

    async def _leave_dialog(self) -> None:
        window, self._dialog, self._hanging = self._dialog, None, ""
        if window is not None:
            await window.close()
