"""The apps of a phone: what is installed, what runs, and each running app's window.

An app is its web build in a page, read as Android reads the app, with a storage of its own.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from playwright.async_api import BrowserContext, CDPSession, Error, FileChooser, Page

from fake_android.device import AndroidNode, InstalledApp, PhoneLog
from fake_android.keyboard import cover, keyboard_window
from fake_android.text_fields import FieldTexts
from fake_android.translation import android_window
from fake_android.window import PhoneWindow, Size
from flutter_bridge import LogEntry, deep_link, now
from flutter_bridge.web import Document, DocumentReplaced, PlaywrightPage, listen_to_console

START_TIMEOUT_S: Final = 30.0
"""How long an app may take to its first semantics."""

BACK_TIMEOUT_MS: Final = 1000
"""How long an app is given to follow the history back."""

FILL_TIMEOUT_S: Final = 1.0
"""How long a field with the focus is given to take a text."""


PickFiles = Callable[[str, bool, Callable[[PhoneWindow | None], None]], Awaitable[list[Path]]]
"""Opens the system's file picker and returns what is picked, nothing where it was left.

It takes what the app accepts, whether that may be several files, and what is told of the picker's window.
"""


class AppWindow(PhoneWindow):
    """A running app, empty until `load`. `pick` opens the file picker for it; `log` is what it prints to.

    `strict` is how it takes what the web's semantics leave open.
    """

    def __init__(
        self,
        app: InstalledApp,
        page: Page,
        session: CDPSession,
        *,
        pixel_ratio: float,
        pick: PickFiles,
        log: PhoneLog,
        strict: bool = True,
    ) -> None:
        super().__init__(page, session, pixel_ratio=pixel_ratio)
        self.app = app
        self.package = app.package
        self.activity = app.activity
        self._app = PlaywrightPage(page, app.url, seconds=START_TIMEOUT_S)
        self._document = Document(self._app, app.url, seconds=START_TIMEOUT_S)
        self._pick = pick
        self._log = log
        self._loading: asyncio.Task[None] | None = None
        self._strict = strict
        self._texts = FieldTexts()
        self._over: PhoneWindow | None = None
        self._picking: asyncio.Task[None] | None = None
        # From the start: the page is told to hand file choosers over by another way than it is told of a tap.
        page.on("filechooser", self._choose)
        listen_to_console(page, lambda entry: log.print(app.package, entry))

    @property
    def top(self) -> PhoneWindow:
        """The system's file picker while the app waits for it, else this window."""
        return self._over or self

    @property
    def is_starting(self) -> bool:
        """Whether a phone would still show the launch screen: Flutter's view, and nothing in it."""
        return self._loading is None or not self._loading.done()

    def load(self, link: str | None) -> asyncio.Task[None]:
        """Begin to load the app, at a deep link if one is given.

        The task ends when its first screen with semantics is drawn; an app that never has any is shown all
        the same, as a phone would.
        """
        self._loading = asyncio.ensure_future(self._load(link))
        self._loading.add_done_callback(self._note_failed_start)
        return self._loading

    def _note_failed_start(self, loading: asyncio.Task[None]) -> None:
        if not loading.cancelled() and (error := loading.exception()) is not None:
            self._log.print(self.package, LogEntry(time.time(), "error", f"did not start: {error}"))

    async def _load(self, link: str | None) -> None:
        await self._app.load(deep_link(self.app.url, link or "/"))
        await self._document.read_until(lambda snapshot: snapshot.is_ready or None, START_TIMEOUT_S)
        await self.ask("drawn")

    async def visit(self, link: str) -> None:
        """Go to a deep link while the app runs: it is told, once it has started, and not loaded again."""
        if self._loading is not None:
            await asyncio.wait({self._loading})
        await self.ask("visit", deep_link(self.app.url, link or "/"))

    async def read_all(self) -> list[AndroidNode]:
        """Read the app's nodes, translated to Android's, and the keyboard if that is up."""
        if self.is_starting:
            size = self.page.viewport_size or {"width": 0, "height": 0}
            return [
                android_window(
                    {**size, "nodes": []}, package=self.package, pixel_ratio=self.pixel_ratio, field_texts={}
                )
            ]
        text, field_texts, keyboard, states = await self.ask("read", self._texts.refs)
        reading: dict[str, Any] = json.loads(text)
        root = android_window(
            reading,
            package=self.package,
            pixel_ratio=self.pixel_ratio,
            field_texts=field_texts,
            strict=self._strict,
        )
        root = self._texts.apply(root, states)
        if keyboard is None:
            return [root]
        board = keyboard_window(keyboard, pixel_ratio=self.pixel_ratio)
        return [board, cover(root, board.bounds)]

    async def set_text(self, node: AndroidNode, text: str) -> bool:
        """Replace a field's text where it has the focus; elsewhere Flutter says yes and the app does nothing.

        The engine may write the old text over what comes soon after the focus: then it is entered again.
        """
        field = self.page.locator(f'[id="{node.ref}"]').locator("input, textarea").first
        before = await self.ask("stateOf", node.ref)
        until = now() + FILL_TIMEOUT_S
        while now() < until:
            if not await field.count() or not await field.evaluate("field => __standin.hasFocus(field)"):
                break
            old = await field.input_value()
            if await self._app.fill(node.ref, text) is None:
                break  # the app has put another field in its place
            content = await self._document.ask("holds", node.ref, 3, FILL_TIMEOUT_S * 1000)
            if content == text or content != old:
                break
        if before is not None:
            self._texts.note(node.ref, text, before, await self.ask("stateOf", node.ref))
        return True

    async def back(self) -> bool:
        """Go back in the app's history; false at its root, and where the app left by itself."""
        if not await self.page.evaluate("navigation.canGoBack"):
            return False
        with suppress(DocumentReplaced):
            await self._app.ask("back", [BACK_TIMEOUT_MS])
        return self.page.url != "about:blank"

    async def resize(self, size: Size) -> None:
        """Take another size, with what lies over it."""
        await super().resize(size)
        if self._over is not None:
            await self._over.resize(size)

    async def close(self) -> None:
        """Close the page and what lies over it."""
        for task in (self._picking, self._loading):
            if task is not None and task is not asyncio.current_task():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await super().close()

    def _choose(self, chooser: FileChooser) -> None:
        # One at a time, as on a phone: what the app asks for meanwhile is left unanswered.
        if self._picking is None or self._picking.done():
            self._picking = asyncio.ensure_future(self._answer(chooser))

    async def _answer(self, chooser: FileChooser) -> None:
        def note_window_over(window: PhoneWindow | None) -> None:
            self._over = window

        # An app that went away meanwhile needs no answer.
        with suppress(Error):
            accept = await chooser.element.get_attribute("accept") or ""
            files = await self._pick(accept, chooser.is_multiple(), note_window_over)
            if files:
                await chooser.set_files(files)
            else:
                await chooser.element.dispatch_event("cancel")


class PhoneApps:
    """The apps of one phone. `front` is the package of the one that is on top, None for the home screen."""

    def __init__(
        self,
        installed: tuple[InstalledApp, ...],
        new_storage: Callable[[], Awaitable[BrowserContext]],
        new_window: Callable[[InstalledApp, BrowserContext], Awaitable[AppWindow]],
    ) -> None:
        self.front: str | None = None
        self._installed = {app.package: app for app in installed}
        self._storages: dict[str, BrowserContext] = {}
        self._running: dict[str, AppWindow] = {}
        self._new_storage = new_storage
        self._new_window = new_window
        self._under_way: set[asyncio.Task[None]] = set()
        # Starting and stopping take a while: one at a time.
        self._changing = asyncio.Lock()

    @property
    def installed_apps(self) -> Mapping[str, InstalledApp]:
        """What is installed, by package."""
        return MappingProxyType(self._installed)

    @property
    def running_apps(self) -> Mapping[str, AppWindow]:
        """What runs, by package."""
        return MappingProxyType(self._running)

    @property
    def storages(self) -> Iterable[BrowserContext]:
        """What the apps that were started keep their data in."""
        return tuple(self._storages.values())

    @property
    def app_in_front(self) -> AppWindow | None:
        """The app on top."""
        return self._running.get(self.front) if self.front is not None else None

    async def install(self, app: InstalledApp) -> None:
        """Install an app; one that is there is stopped, replaced, and keeps its data."""
        async with self._changing:
            await self._stop(app.package)
            self._installed[app.package] = app

    async def uninstall(self, package: str) -> bool:
        """Remove an app and its data; false where there is none."""
        async with self._changing:
            if package not in self._installed:
                return False
            await self._clear(package)
            del self._installed[package]
            return True

    async def start(self, package: str, link: str | None, *, wait: bool) -> None:
        """Bring an app to the front, started if it isn't; raises `LookupError` where it isn't installed.

        With `wait`, until it has drawn its first screen; else one that nobody serves ends by itself.
        """
        async with self._changing:
            if package not in self._installed:
                raise LookupError(f"{package} is not installed on the stand-in")
            window = self._running.get(package)
            starting: asyncio.Task[None] | None
            if window is None:
                starting = await self._launch(self._installed[package], link)
            else:
                self.front = package
                starting = self._run(window.visit(link)) if link is not None else None
        if starting is not None and wait:
            await starting

    async def stop(self, package: str) -> None:
        """End an app's process; its data stays."""
        async with self._changing:
            await self._stop(package)

    async def clear(self, package: str) -> None:
        """End an app's process and remove its data."""
        async with self._changing:
            await self._clear(package)

    async def close(self) -> None:
        """End all and forget their data."""
        async with self._changing:
            for package in self._installed:
                await self._clear(package)
            await asyncio.gather(*self._under_way, return_exceptions=True)

    def _run(self, doing: Awaitable[None]) -> asyncio.Task[None]:
        """Do something that nobody may wait for; what it fails by, only who waits for it hears."""
        task = asyncio.ensure_future(doing)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task

    async def _launch(self, app: InstalledApp, link: str | None) -> asyncio.Task[None]:
        if app.package not in self._storages:
            self._storages[app.package] = await self._new_storage()
        window = self._running[app.package] = await self._new_window(app, self._storages[app.package])
        window.page.on("crash", lambda _: self._close_crashed(window))
        window.page.on("close", lambda _: self._forget(window))
        self.front = app.package
        return self._run(self._load(window, link))

    async def _load(self, window: AppWindow, link: str | None) -> None:
        try:
            await window.load(link)
        except BaseException:
            self._forget(window)
            await window.close()
            raise

    def _forget(self, window: AppWindow) -> None:
        """Note that an app's process has gone."""
        if self._running.get(window.package) is window:
            del self._running[window.package]
            if self.front == window.package:
                self.front = None

    def _close_crashed(self, window: AppWindow) -> None:
        self._forget(window)
        self._run(window.close())

    async def _stop(self, package: str) -> None:
        window = self._running.get(package)
        if window is not None:
            self._forget(window)
            await window.close()

    async def _clear(self, package: str) -> None:
        await self._stop(package)
        storage = self._storages.pop(package, None)
        if storage is not None:
            # A browser that is gone has closed it already.
            with suppress(Error):
                await storage.close()
