"""Reads a device's screen at a sensible pace, and answers what the system asks on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from flutter_bridge.appium.failures import Refused
from flutter_bridge.appium.platform import Dialog, Permissions, Screen
from flutter_bridge.appium.session import AppiumSession
from flutter_bridge.clock import Interval, now
from flutter_bridge.errors import AppUnreachable, SemanticsMissing
from flutter_bridge.evidence import Evidence
from flutter_bridge.occlusion import Point
from flutter_bridge.semantics import Box, Node, Role, Tree
from flutter_bridge.text import quote

T = TypeVar("T")

PAUSES = (0.05, 0.1, 0.2)
"""Seconds between two readings of a wait: the first ones come fast, and the last pause stays."""

REST = 0.1
"""Seconds that lie between two readings, or an action and a reading, that show a node at rest."""

SOON = 0.05
"""Seconds an app is given to follow an action before its screen is read for what comes of it."""

SAME = 0.05
"""Seconds after a reading in which another one would ask about the same moment."""

AWAY = 1.0
"""Seconds another app may be in front before it is asked what became of ours."""


_ANSWERS = 4
"""How many buttons a dialog has at most."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of the screen, and when it was made; `version` grows with every screen that differs."""

    screen: Screen
    made: Interval
    version: int = 0

    @property
    def tree(self) -> Tree:
        """The semantics."""
        return self.screen.tree


class Screens:
    """The screens of one app's device, one reading after the other; remembers the last one."""

    def __init__(self, session: AppiumSession, *, permissions: Permissions, evidence: Evidence) -> None:
        self._session = session
        self._evidence = evidence
        self._permissions = permissions
        self._acted = 0.0
        self.last: Reading | None = None

    @property
    def session(self) -> AppiumSession:
        """The session with the device."""
        return self._session

    async def read(self) -> Reading:
        """Read the screen once."""
        begun = now()
        source = await self._session.source()
        made = Interval(begun, now())
        screen = self._session.platform.screen(source, self._session.device)
        before = self.last
        version = 0 if before is None else before.version + (layout(before.tree) != layout(screen.tree))
        self.last = Reading(screen, made, version)
        return self.last

    async def just_now(self) -> Reading:
        """Return the last reading if it was made this moment and nothing was done since, else a new one."""
        last = self.last
        if last is not None and last.made.low > self._acted and now() - last.made.high <= SAME:
            return last
        return await self.read()

    async def tap(self, node: Node) -> Interval:
        """Tap the middle of a node as it was read."""
        return await self.tap_at(node.box.centre)

    async def tap_at(self, point: Point) -> Interval:
        """Tap a place."""
        before = now()
        await self._session.platform.tap(self._session, *point)
        return self.acted(before)

    async def keyboard(self, reading: Reading, point: Point) -> Box | None:
        """Return where a soft keyboard may be that no reading has; None where it can't cover a point."""
        return await self._session.platform.keyboard_beside_tree(self._session, reading.tree, point)

    async def hide_keyboard(self) -> None:
        """Hide the soft keyboard, where the driver knows how to."""
        begun = now()
        with suppress(Refused):
            await self._session.platform.hide_keyboard(self._session)
        self.acted(begun)

    def acted(self, begun: float) -> Interval:
        """Note that something was done to the app; returns when."""
        self._acted = now()
        return Interval(begun, self._acted)

    def forget(self) -> None:
        """Note that nothing that was read before says anything about the screen to come."""
        self.last = None

    def shows_rest(self, before: Reading | None, after: Reading) -> bool:
        """Whether two readings lie far enough apart to tell of what is in both that it rests."""
        return before is not None and after.made.low >= max(before.made.high, self._acted) + REST

    async def until_rest(self, before: Reading) -> None:
        """Wait until another reading can tell what rests since `before`."""
        await asyncio.sleep(max(0.0, max(before.made.high, self._acted) + REST - now()))

    async def until_followed(self) -> None:
        """Wait until what an action brings about can be there."""
        await asyncio.sleep(max(0.0, self._acted + SOON - now()))

    async def until(
        self, done: Callable[[Reading], T | None], seconds: float
    ) -> tuple[T | None, Reading | None]:
        """Read until `done` says something; None where it never did, with the last reading there was.

        Asked for a permission, it answers as it was told to. Raises `AppUnreachable` where the app isn't
        running any more.
        """
        until, away, asked = now() + seconds, None, False
        reading: Reading | None = None
        pauses = iter(PAUSES)
        while True:
            try:
                reading = await self.read()
            except (Refused, SemanticsMissing):
                # A screen that is just being replaced may have no root to read.
                if now() >= until:
                    raise
            else:
                answer = done(reading)
                if answer is not None:
                    return answer, reading
                away = (away or reading.made.low) if self._elsewhere(reading.screen) else None
                if button := self._answer(reading.screen.dialog):
                    await self.tap(button)
                elif away is not None and not asked and (now() - away > AWAY or now() >= until):
                    asked = True
                    await self._still_running()
            if now() >= until:
                return None, reading
            await asyncio.sleep(min(next(pauses, PAUSES[-1]), max(0.0, until - now())))

    async def in_front(self, reading: Reading | None) -> None:
        """Raise `AppUnreachable` where the last thing seen was another app."""
        if reading is not None and self._elsewhere(reading.screen):
            raise AppUnreachable(
                f"{self._session.device.app} isn't in front on {self._session.device.name}: "
                f"{reading.screen.app or 'nothing'} is{_buttons(reading.tree)}{await self._evidence.told()}"
            )

    def _elsewhere(self, screen: Screen) -> bool:
        return screen.app != self._session.device.app and screen.dialog is None

    def _answer(self, dialog: Dialog | None) -> Node | None:
        if dialog is None or not dialog.permission or self._permissions == "ask":
            return None
        return dialog.allow if self._permissions == "allow" else dialog.deny

    async def _still_running(self) -> None:
        device = self._session.device
        state = await self._session.platform.state(self._session)
        if state in {"not running", "not installed"}:
            raise AppUnreachable(
                f"{device.app} is {state} on {device.name}: it crashed or was ended; see the device's log"
                f"{await self._evidence.told()}"
            )


def layout(tree: Tree) -> list[tuple[object, ...]]:
    """Return all that a person could notice of a screen, to tell two screens apart."""
    return [
        (node.role, node.identifier, node.label, node.value, node.box, node.visible, node.checked)
        for node in tree
    ]


def _buttons(tree: Tree) -> str:
    """Say what could be answered on a screen that isn't the app's: it may ask for a permission."""
    labels = [node.label or node.value for node in tree if node.role is Role.BUTTON and node.visible]
    if not 1 <= len(labels) <= _ANSWERS:
        return ""
    shown = " or ".join(quote(label[:40]) for label in labels)
    return f", with {shown}: if it asks for a permission, name these in the target's system_names"
