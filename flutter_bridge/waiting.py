"""How a `FlutterApp` waits for what it is to act on, and what it says where that doesn't come to be."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from flutter_bridge.actions import ActionListener
from flutter_bridge.ambiguity import describe_ambiguity, things_meant
from flutter_bridge.clock import Interval, now
from flutter_bridge.driver import Driver, Reading, wait_until
from flutter_bridge.errors import ActionFailed, AppUnreachable, NotFound
from flutter_bridge.finders import Finder, not_found_error
from flutter_bridge.occlusion import MIDDLE, Anchor, Point
from flutter_bridge.semantics import Node, Role, Tree

UNCOVER_S = 0.3
"""How long something is waited for before a soft keyboard is hidden that it may lie under."""


class Waiting:
    """What all actions have in common; `timeout` is how many seconds each wait may take.

    `listener` is asked before each action, and hears of it.
    """

    def __init__(self, driver: Driver, *, timeout: float) -> None:
        self.listener: ActionListener | None = None
        self._driver = driver
        self._timeout = timeout

    @property
    def _acted_in(self) -> str:
        return self._driver.acted_in

    def _seconds(self, timeout: float | None) -> float:
        return self._timeout if timeout is None else timeout

    async def _wait(
        self,
        finder: Finder,
        seconds: float,
        *,
        acting: bool = False,
        role: Role | None = None,
        before: Reading | None = None,
    ) -> tuple[Node, Reading]:
        """Wait for a node that can be seen; returns the reading it was in, too.

        When `acting`, for one that is enabled, and the only one that is meant. `before` is the reading that
        it is to be compared with, if it was there already.
        """

        def find(reading: Reading) -> Node | None:
            if not acting:
                node = finder.first_match_in(reading.tree)
                return node if node is not None and node.visible else None
            node = _only_thing_meant(finder, reading.tree, role)
            return node if node is not None and node.visible and node.enabled else None

        await self._driver.pause(before)
        node, reading = await wait_until(self._readings(seconds), find)
        if node is not None:
            return node, reading
        things = things_meant(finder, reading.tree, role) if acting else []
        if len(things) > 1:
            raise await self._action_error(describe_ambiguity(finder, reading.tree, things))
        seen = things[0] if things else finder.first_match_in(reading.tree)
        why = "" if seen is None else "is disabled" if seen.visible else "is there, but out of sight"
        if reading.dialog:
            why = f"is not on screen: a dialog is in the way: {reading.dialog!r}"
        elif not why:
            await self._driver.check_in_front(reading)
        raise await self._not_found_error(finder, reading, seconds, why)

    async def _readings(self, seconds: float) -> AsyncGenerator[Reading, None]:
        """Read until the time is over; a soft keyboard goes, as what isn't found soon may lie under it."""
        patience: float | None = now() + min(UNCOVER_S, seconds / 2)
        async with aclosing(self._driver.readings(seconds)) as readings:
            async for reading in readings:
                yield reading
                if patience is not None and now() >= patience:
                    patience = None
                    await self._driver.uncover(reading)

    async def _wait_at_rest(
        self, finder: Finder, seconds: float, *, role: Role | None = None, anchor: Anchor = MIDDLE
    ) -> tuple[Node, Point]:
        """Wait for a node to touch: visible, enabled, at rest and free; returns where to touch it, too.

        What covers it may go; a soft keyboard is hidden. A field that has the focus needs no touch, so that
        it may be covered. `anchor` is where it is to be touched if that is free.
        """
        until = now() + seconds
        typing = role is Role.TEXT_FIELD
        before = self._driver.last
        is_keyboard_hidden = False
        attempts = 0
        while True:
            was = _only_thing_meant(finder, before.tree, role) if before is not None else None
            earlier = self._driver.earlier if before is self._driver.last else None
            if earlier is not None and was is not None:
                # What was there in the reading before that already needs no longer pause.
                first = _only_thing_meant(finder, earlier.tree, role)
                before = earlier if first is not None and first.box == was.box else before
            found, reading = await self._wait(
                finder,
                max(0.0, until - now()),
                acting=True,
                role=role,
                before=before if was is not None else None,
            )
            node = next((below for below in found.walk() if role is None or below.role is role), None)
            if node is None:
                raise await self._action_error(f"{finder} is a {found.role}, not a {role}")
            is_same = was is not None and was.box == found.box
            spot = await self._driver.aim(
                node, reading, before if is_same else None, typing=typing, until=until, anchor=anchor
            )
            attempts += 1
            if isinstance(spot, tuple):
                return node, spot
            if typing and node.focused and spot is not None:
                return node, node.box.centre
            if spot is not None and spot.kind == "keyboard" and not is_keyboard_hidden:
                is_keyboard_hidden = True
                await self._driver.hide_keyboard()
            elif now() >= until and attempts > 1:
                why = "doesn't come to rest" if spot is None else f"is covered by {spot.label}"
                raise await self._not_found_error(finder, reading, seconds, why)
            before = reading

    async def _tap(self, finder: Finder, spot: Point) -> Interval:
        received = await self._driver.tap(spot)
        await self._check_taken(finder, spot, "tap")
        return received

    async def _check_taken(self, finder: Finder, spot: Point, what: str) -> None:
        """Raise `ActionFailed` where something else is known to have taken a touch that began at a spot.

        Raises `AppUnreachable` where it was lost on its way, as that isn't the app's fault.
        """
        other = await self._driver.tap_interceptor(spot)
        if other == "":
            browser = self._driver.renderer or "the browser"
            raise AppUnreachable(
                f"{finder} didn't get the {what}, nor did anything else: {browser} kept it from the page"
            )
        if other is not None:
            raise await self._action_error(f"{finder} didn't get the {what}: {other} came over it, and did")

    # Errors with a picture

    async def _action_error(self, message: str) -> ActionFailed:
        return ActionFailed(f"{message}{await self._driver.screenshots.mention()}")

    async def _not_found_error(self, finder: Finder, reading: Reading, waited: float, why: str) -> NotFound:
        saved = await self._driver.screenshots.save()
        where = self._driver.screen_kind(reading)
        return not_found_error(finder, reading.tree, waited=waited, why=why, where=where, screenshot=saved)


def _only_thing_meant(finder: Finder, tree: Tree, role: Role | None) -> Node | None:
    """Return what an action means; None where there is nothing, or it could mean several things."""
    things = things_meant(finder, tree, role)
    return things[0] if len(things) == 1 else None
