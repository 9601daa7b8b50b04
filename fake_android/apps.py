"""What is installed on a phone and what runs: a storage of its own for each app, a page while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from types import MappingProxyType

from playwright.async_api import BrowserContext, Error

from fake_android.app_window import AppWindow
from fake_android.device import App

NewStorage = Callable[[], Awaitable[BrowserContext]]
NewWindow = Callable[[App, BrowserContext], Awaitable[AppWindow]]


class Apps:
    """The apps of one phone. `front` is the package of the one that is on top, None for the home screen."""

    def __init__(self, installed: tuple[App, ...], new_storage: NewStorage, new_window: NewWindow) -> None:
        self.front: str | None = None
        self._installed = {app.package: app for app in installed}
        self._storages: dict[str, BrowserContext] = {}
        self._running: dict[str, AppWindow] = {}
        self._new_storage = new_storage
        self._new_window = new_window
        self._burying: set[asyncio.Task[None]] = set()
        # Starting and stopping take a while: one at a time.
        self._changing = asyncio.Lock()

    @property
    def installed(self) -> Mapping[str, App]:
        """What is installed, by package."""
        return MappingProxyType(self._installed)

    @property
    def running(self) -> Mapping[str, AppWindow]:
        """What runs, by package."""
        return MappingProxyType(self._running)

    @property
    def in_front(self) -> AppWindow | None:
        """The app on top."""
        return self._running.get(self.front) if self.front is not None else None

    async def install(self, app: App) -> None:
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

    async def start(self, package: str, link: str | None) -> None:
        """Bring an app to the front, started if it isn't; raises `LookupError` where it isn't installed."""
        async with self._changing:
            if package not in self._installed:
                raise LookupError(f"{package} is not installed on the stand-in")
            window = self._running.get(package)
            if window is None:
                await self._launch(self._installed[package], link)
                return
            self.front = package
            if link is not None:
                await window.visit(link)

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
            await asyncio.gather(*self._burying)

    async def _launch(self, app: App, link: str | None) -> None:
        if app.package not in self._storages:
            self._storages[app.package] = await self._new_storage()
        window = self._running[app.package] = await self._new_window(app, self._storages[app.package])
        window.page.on("crash", lambda _: self._crashed(app.package, window))
        window.page.on("close", lambda _: self._ended(app.package, window))
        self.front = app.package
        try:
            await window.load(link)
        except BaseException:
            await self._stop(app.package)
            raise

    def _ended(self, package: str, window: AppWindow) -> None:
        """Note that an app's process has gone."""
        if self._running.get(package) is window:
            del self._running[package]
            if self.front == package:
                self.front = None

    def _crashed(self, package: str, window: AppWindow) -> None:
        self._ended(package, window)
        task = asyncio.ensure_future(window.close())
        self._burying.add(task)
        task.add_done_callback(self._burying.discard)

    async def _stop(self, package: str) -> None:
        window = self._running.get(package)
        if window is not None:
            self._ended(package, window)
            await window.close()

    async def _clear(self, package: str) -> None:
        await self._stop(package)
        storage = self._storages.pop(package, None)
        if storage is not None:
            # A browser that is gone has closed it already.
            with suppress(Error):
                await storage.close()
