"""Reads a device's screen at a sensible pace, and answers what the system asks on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path

from flutter_bridge.appium.android_keyboard import lowest_part
from flutter_bridge.appium.platform import AppiumSession, DeviceScreen, Permissions, SystemDialog
from flutter_bridge.clock import Interval, now
from flutter_bridge.driver import Driver, Reading
from flutter_bridge.errors import AppUnreachable, CommandRefused, SemanticsMissing
from flutter_bridge.keys import KeyPress
from flutter_bridge.occlusion import Point, keyboards, largest_free_part
from flutter_bridge.semantics import Box, Node, Role, Tree
from flutter_bridge.text import quote
from flutter_bridge.touch import Finger

PAUSES_S = (0.05, 0.1, 0.2)
"""What lies between two readings of a wait: the first ones come fast, and the last pause stays."""

TWO_FRAMES_S, MAX_REST_S = 0.034, 0.1
"""What lies between two readings that show a node at rest, at least and at most.

At least two frames of a screen at 60 Hz; a device that is slow to be read is slow to draw them, too.
"""

REACTION_S = 0.1
"""What lies between an action and a reading that shows a node at rest: by then an app has answered."""

FOLLOW_S = 0.05
"""How long an app is given to follow an action before its screen is read for what comes of it."""

SAME_S = 0.05
"""How long after a reading another one would ask about the same moment."""

AWAY_S = 1.0
"""How long another app may be in front before it is asked what became of ours."""

MARGIN = 0.08
"""How far from a pane's ends, as a share of it, a finger goes down and up."""

REACH = 1 - 2 * MARGIN
"""The share of a pane one swipe moves at most."""

_MAX_ANSWERS = 4
"""How many buttons a dialog has at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceReading(Reading):
    """One reading of a device's screen."""

    screen: DeviceScreen


class DeviceScreens(Driver):
    """The screens of one app's device, one reading after the other; `last` is the last one."""

    last: DeviceReading | None = None

    def __init__(
        self, session: AppiumSession, *, permissions: Permissions, artifacts: Path, target: str
    ) -> None:
        super().__init__(artifacts=artifacts, target=target)
        self.session = session
        self._permissions = permissions
        self.has_typed = False
        """Whether a text was entered since there was no keyboard: its field may be out of sight by now."""
        self._acted = 0.0
        self._waited: set[str] = set()
        self._undo: list[Callable[[], Awaitable[object]]] = []

    async def read(self) -> DeviceReading:
        """Read the screen once."""
        begun = now()
        source = await self.session.source()
        made = Interval(begun, now())
        screen = self.session.platform.screen(source, self.session.device)
        before = self.last
        self.earlier = before
        self.last = DeviceReading(
            tree=screen.tree,
            version=0 if before is None else before.version + (layout(before.tree) != layout(screen.tree)),
            made=made,
            is_apps=screen.app == self.session.device.app,
            dialog=screen.dialog.text if screen.dialog is not None else "",
            screen=screen,
        )
        return self.last

    async def read_changed(self, after: int = -1, seconds: float = 0.0) -> DeviceReading:
        """Read the screen, once it changed since the version `after` or the time is over.

        The last reading counts where it was made this moment and nothing was done since.
        """
        until = now() + seconds
        last = self.last
        is_fresh = last is not None and last.made.low > self._acted and now() - last.made.high <= SAME_S
        reading = last if last is not None and is_fresh else await self.read()
        for pause in chain(PAUSES_S, repeat(PAUSES_S[-1])):
            if reading.version != after or now() >= until:
                break
            await asyncio.sleep(min(pause, max(0.0, until - now())))
            reading = await self.read()
        return reading

    async def readings(self, seconds: float) -> AsyncGenerator[DeviceReading, None]:
        """Read at once and after each pause, until the time is over.

        Asked for a permission, it answers as it was told to. Raises `AppUnreachable` where the app isn't
        running any more.
        """
        until, away, has_asked = now() + seconds, None, False
        for pause in chain(PAUSES_S, repeat(PAUSES_S[-1])):
            try:
                reading = await self.read()
            except (CommandRefused, SemanticsMissing):
                # A screen that is just being replaced may have no root to read.
                if now() >= until:
                    raise
            else:
                yield reading
                away = (away or reading.made.low) if _is_elsewhere(reading) else None
                if button := self._answer(reading.screen.dialog):
                    await self.tap(button.box.centre)
                elif away is not None and not has_asked and (now() - away > AWAY_S or now() >= until):
                    has_asked = True
                    await self._check_running()
                if now() >= until:
                    return
            await asyncio.sleep(min(pause, max(0.0, until - now())))

    async def pause(self, before: Reading | None) -> None:
        """Wait until what an action brings about can be there; with `before`, until rest can be told."""
        ready = self._acted + FOLLOW_S
        if before is not None:
            ready = max(self._acted + REACTION_S, before.made.high + _rest(before))
        await asyncio.sleep(max(0.0, ready - now()))

    def shows_rest(self, before: Reading, after: Reading) -> bool:
        """Whether two readings lie far enough apart to tell of what is in both that it rests."""
        return after.made.low >= max(self._acted + REACTION_S, before.made.high + _rest(before))

    async def check_in_front(self, reading: Reading) -> None:
        """Raise `AppUnreachable` where what was read is another app's screen."""
        if _is_elsewhere(reading):
            other = reading.screen.app if isinstance(reading, DeviceReading) else ""
            raise AppUnreachable(
                f"{self.session.device.app} isn't in front on {self.session.device.name}: "
                f"{other or 'nothing'} is{_name_buttons(reading.tree)}{await self.screenshots.mention()}"
            )

    async def touch(self, fingers: Sequence[Finger], *, on_screen: bool = False) -> Interval:  # noqa: ARG002 - it always is
        """Do a gesture."""
        begun = now()
        await self.session.platform.touch(self.session, fingers)
        return self.note_action(begun)

    async def press(self, key: KeyPress) -> Interval:
        """Press a key."""
        begun = now()
        await self.session.platform.press(self.session, key)
        return self.note_action(begun)

    async def swipe(self, pane: Box, right: float, down: float) -> None:
        """Drag the content of a pane left and up, the finger staying inside it and off the keyboard."""
        pane = await self._uncover(pane)
        x, y = pane.centre
        right, down = _limit(right, REACH * pane.width), _limit(down, REACH * pane.height)
        begun = now()
        await self.session.platform.scroll(
            self.session, (x + right / 2, y + down / 2), (x - right / 2, y - down / 2)
        )
        self.note_action(begun)

    async def hide_keyboard(self) -> None:
        """Hide the soft keyboard, which was just found up, where the driver knows how to."""
        begun = now()
        with suppress(CommandRefused):
            await self.session.platform.hide_keyboard(self.session)
        self.note_action(begun)

    async def uncover(self, reading: Reading) -> bool:
        """Hide a soft keyboard, under which nodes may be that no reading has."""
        if await self.find_keyboard(reading, lowest_point(reading.tree.screen)) is None:
            return False
        await self.hide_keyboard()
        return True

    async def find_keyboard(self, reading: Reading, point: Point) -> Box | None:
        """Return where a soft keyboard is that no reading has; None where none covers a point.

        Nobody is asked where no field has the focus and none was typed in since there was no keyboard, nor
        for what lies above where keyboards end.
        """
        is_edited = any(node.focused and node.role is Role.TEXT_FIELD for node in reading.tree)
        if point[1] < lowest_part(reading.tree.screen).top or not (is_edited or self.has_typed):
            return None
        board = await self.session.platform.find_keyboard(self.session, reading.tree)
        self.has_typed = board is not None
        return board if board is not None and board.top <= point[1] < board.bottom else None

    async def _uncover(self, pane: Box) -> Box:
        """Hide the soft keyboard, where that can be done, and return the part of a pane it isn't over."""
        last = self.last
        if last is None:
            return pane
        point = (pane.centre[0], min(pane.bottom, last.tree.screen.bottom) - 1)
        board = await self.find_keyboard(last, point)
        if board is not None:
            await self.hide_keyboard()
            board = await self.find_keyboard(last, point)
        return largest_free_part(pane, [*keyboards(last.tree), *([board] if board is not None else [])])

    async def shoot(self) -> tuple[bytes, float]:
        """Take a screenshot."""
        return await self.session.screenshot(), self.session.device.pixel_ratio

    async def pause_between_readings(self) -> None:
        """Wait as long as lies between two readings."""
        await asyncio.sleep(PAUSES_S[-1])

    def undo_at_close(self, task: Callable[[], Awaitable[object]]) -> None:
        """Have something undone when the app is closed: a file that was put on the device."""
        self._undo.append(task)

    def note_action(self, begun: float) -> Interval:
        """Note that something was done to the app; returns when."""
        self._acted = now()
        return Interval(begun, self._acted)

    def forget(self) -> None:
        """Note that nothing that was read before says anything about the screen to come."""
        self.last, self.earlier, self.has_typed = None, None, False

    def _answer(self, dialog: SystemDialog | None) -> Node | None:
        """Return what to tap in a dialog: the answer for a permission, and more time for another app.

        That something doesn't respond is said of a launcher or of the system itself on many a slow machine.
        It gets more time once; said again, or of the app itself, it is left there, and told.
        """
        if dialog is None:
            return None
        if dialog.wait is not None and self.session.device.app not in dialog.text:
            is_new = dialog.text not in self._waited
            self._waited.add(dialog.text)
            return dialog.wait if is_new else None
        if not dialog.permission or self._permissions == "ask":
            return dialog.decline
        return dialog.allow if self._permissions == "allow" else dialog.deny

    async def _check_running(self) -> None:
        device = self.session.device
        state = await self.session.platform.state(self.session)
        if state in {"not running", "not installed"}:
            raise AppUnreachable(
                f"{device.app} is {state} on {device.name}: it crashed or was ended; see the device's log"
                f"{await self.screenshots.mention()}"
            )


def lowest_point(screen: Box) -> Point:
    """Return a place that a keyboard covers if one is up."""
    return screen.centre[0], screen.bottom - 1


def layout(tree: Tree) -> list[tuple[object, ...]]:
    """Return all that a person could notice of a screen, to tell two screens apart."""
    return [
        (node.role, node.identifier, node.label, node.value, node.box, node.visible, node.checked)
        for node in tree
    ]


def _rest(before: Reading) -> float:
    """Return how long after a reading the next one tells what rests.

    What has just begun to move, and by less than a pixel, moves on while it is read and touched. That it goes
    no further than a few pixels takes a pause that is no shorter than a reading.
    """
    return min(MAX_REST_S, max(TWO_FRAMES_S, before.made.width))


def _is_elsewhere(reading: Reading) -> bool:
    return not reading.is_apps and not reading.dialog


def _name_buttons(tree: Tree) -> str:
    """Say what could be answered on a screen that isn't the app's: it may ask for a permission."""
    labels = [node.label or node.value for node in tree if node.role is Role.BUTTON and node.visible]
    if not 1 <= len(labels) <= _MAX_ANSWERS:
        return ""
    listed = " or ".join(quote(label[:40]) for label in labels)
    return f", with {listed}: if it asks for a permission, name these in the target's system_names"


def _limit(distance: float, most: float) -> float:
    return max(-most, min(most, distance))
