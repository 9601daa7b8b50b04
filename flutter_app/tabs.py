"""All open tabs: what the event stream says goes to each of them, for as long as its connection lasts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

from starlette.types import ASGIApp, Receive, Scope, Send

from flutter_app.model import PersonProfile, PostContent
from flutter_app.tab import Tab

_log = logging.getLogger(__name__)

# How often "5 min" is looked at again.
_TICK_S = 30.0

_here: ContextVar[set[Tab]] = ContextVar("connection")
"""The tabs of the connection that the running code works for, which inherits its context."""


class Tabs:
    """Pass live updates on to the tabs that are open; re-reading runs in `tasks`."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self._refreshing: set[asyncio.Task[None]] = set()
        self._open: set[Tab] = set()
        self._offline = False

    def __len__(self) -> int:
        return len(self._open)

    def add(self, tab: Tab) -> None:
        """Let a tab have live updates."""
        members = _here.get(None)
        if members is not None:
            members.add(tab)
        self._open.add(tab)
        tab.show_offline(offline=self._offline)

    def discard(self, tab: Tab) -> None:
        """Stop updating a tab."""
        self._open.discard(tab)

    def on_profile_changed(self, profile: PersonProfile) -> None:
        """Show somebody as they are now in every tab."""
        self._for_each(lambda tab: tab.show_profile(profile))

    def on_post_created(self, post: PostContent) -> None:
        """Show a new post in every tab."""
        self._for_each(lambda tab: tab.show_post(post))

    def on_post_removed(self, post_id: str) -> None:
        """Take a post away from every tab."""
        self._for_each(lambda tab: tab.remove_post(post_id))

    def on_person_removed(self, person_id: str) -> None:
        """Take a person away from every tab."""
        self._for_each(lambda tab: tab.remove_person(person_id))

    def on_connected(self) -> None:
        """Have every tab read again what it shows."""
        self._offline = False
        self._for_each(lambda tab: tab.show_offline(offline=False))
        for tab in self._open:
            task = self._tasks.create_task(self._refresh(tab))
            self._refreshing.add(task)
            task.add_done_callback(self._refreshing.discard)

    def on_disconnected(self) -> None:
        """Say in every tab that what it shows may be out of date."""
        self._offline = True
        self._for_each(lambda tab: tab.show_offline(offline=True))

    def close(self) -> None:
        """Give up re-reading: a browser that doesn't answer must not keep the app from stopping."""
        for task in self._refreshing:
            task.cancel()

    async def keep_time(self) -> None:
        """Keep "5 min" true in every tab, until cancelled."""
        while True:
            await asyncio.sleep(_TICK_S)
            self._for_each(lambda tab: tab.tick(datetime.now(UTC)))

    def _for_each(self, act: Callable[[Tab], None]) -> None:
        for tab in tuple(self._open):
            try:
                act(tab)
            except Exception:  # noqa: BLE001 - a tab that closes just now must not keep the others from theirs
                _log.warning("could not update a tab", exc_info=True)

    async def _refresh(self, tab: Tab) -> None:
        try:
            await tab.refresh()
        except Exception:  # noqa: BLE001 - as above
            _log.warning("could not refresh a tab", exc_info=True)


class Connections:
    """Wrap an ASGI app and tell the tabs of its WebSocket connections when one has ended.

    Flet leaves that out when a tab closes while something is being sent to it; the session would then live,
    and be updated, for ever.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on to the app, and look after its end."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        members: set[Tab] = set()
        _here.set(members)
        try:
            await self._app(scope, receive, send)
        finally:
            for member in members:
                await member.connection_ended()
