"""The system's own screens on one phone: home, the file picker, dialogs."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from playwright.async_api import BrowserContext, Error

from fake_android import picker
from fake_android.device import App
from fake_android.dialogs import Dialog
from fake_android.files import Files
from fake_android.picker import Picker
from fake_android.system_window import SystemWindow
from fake_android.window import Size, Window

LAUNCHER: Final = "com.android.launcher3"


class SystemUi:
    """Opens the system's windows in a storage of their own; they take the size that `size` says."""

    def __init__(
        self, context: BrowserContext, files: Files, *, pixel_ratio: float, size: Callable[[], Size]
    ) -> None:
        self._context = context
        self._files = files
        self._ratio = pixel_ratio
        self._size = size

    async def home(self, apps: Iterable[App]) -> SystemWindow:
        """Show the home screen; what is taken on it is a package to start."""
        return await self._open("home", icons(apps), LAUNCHER, f"{LAUNCHER}.uioverrides.QuickstepLauncher")

    async def dialog(self, dialog: Dialog, *, app: str, over: Window) -> SystemWindow:
        """Show a dialog for an app over a window, which stands still meanwhile."""
        behind = base64.b64encode(await over.jpeg(quality=80, scale=1 / self._ratio)).decode()
        told = {
            "backdrop": f"data:image/jpeg;base64,{behind}",
            "root": dialog.root,
            "message": {"id": dialog.message[0], "text": dialog.message[1].format(app=app)},
            "answers": [{"id": id_, "text": text, "take": take} for id_, text, take in dialog.answers],
        }
        return await self._open("dialog", told, dialog.package, dialog.activity or over.activity)

    async def pick(
        self, accept: str, *, multiple: bool, over: Callable[[SystemWindow | None], None]
    ) -> list[Path]:
        """Show the file picker until it is left; `over` is told which window it is, and that it is gone."""
        window = await self._open("picker", None, picker.PACKAGE, picker.ACTIVITY)
        over(window)
        try:
            return await Picker(window, self._files, accept=accept, multiple=multiple).pick()
        finally:
            over(None)
            await window.close()

    async def close(self) -> None:
        """Close them all."""
        # A browser that is gone has closed them already.
        with suppress(Error):
            await self._context.close()

    async def _open(
        self, name: str, told: Mapping[str, object] | None, package: str, activity: str
    ) -> SystemWindow:
        window = await SystemWindow.open(
            self._context, name, package=package, activity=activity, pixel_ratio=self._ratio
        )
        try:
            await window.resize(self._size())
            if told is not None:
                await window.show(told)
        except BaseException:
            await window.close()
            raise
        return window


def icons(apps: Iterable[App]) -> Mapping[str, object]:
    """Return what the home screen shows."""
    return {"apps": [{"package": app.package, "label": app.label or app.package} for app in apps]}
