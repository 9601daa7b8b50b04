"""Keeps what a device tells of a journey that failed: its screen, and its log since the app was started."""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from flutter_bridge.address import is_loopback
from flutter_bridge.appium.session import AppiumSession
from flutter_bridge.clock import now
from flutter_bridge.errors import BridgeError
from flutter_bridge.evidence import PATIENCE, keep_log, keep_screen, last_seconds, read_entries


async def keep(
    session: AppiumSession, folder: Path, name: str, *, since: float, hidden: Collection[str]
) -> None:
    """Write down a device's screen and its log since a moment on our clock; what can't be had is left out.

    The log's messages are stamped by Appium's host: where that is this one, what is older is left out to the
    millisecond; elsewhere as `last_seconds` does it.
    """
    if not session.lost:
        # A screen that must not be photographed, say: the log tells all the more.
        with suppress(BridgeError, OSError):
            await keep_screen(folder, name, await session.screenshot(seconds=PATIENCE))
    # Of a session that is lost, too: the log is Appium's own to give, and says what became of the driver's
    # server on the device. A cloud may not give it, and its capture can be switched off.
    with suppress(BridgeError, OSError):
        kind = session.platform.log
        entries = read_entries(await session.command("getLog", seconds=PATIENCE, type=kind))
        clock = time.time() if is_loopback(session.server) else None
        # Stamps have whole milliseconds.
        recent = last_seconds(entries, now() - since + 0.001, clock=clock)
        await keep_log(folder, name, kind, (entry.text for entry in recent), hidden=hidden)
