"""Waits for nodes on a device: until they are there, or at rest and free to be tapped."""

from __future__ import annotations

from flutter_bridge.appium.screens import Reading, Screens
from flutter_bridge.clock import now
from flutter_bridge.errors import ActionFailed, NotFound
from flutter_bridge.evidence import Evidence
from flutter_bridge.finders import Finder, not_found
from flutter_bridge.occlusion import KEYBOARD, Cover, Point, aim
from flutter_bridge.semantics import Node, Role


class Waiting:
    """Waits on the screens of one app; what it raises comes with a picture."""

    def __init__(self, screens: Screens, evidence: Evidence) -> None:
        self._screens = screens
        self._evidence = evidence

    async def visible(self, finder: Finder, seconds: float, *, enabled: bool = False) -> tuple[Node, Reading]:
        """Wait for a node that can be seen; returns the reading it was in, too."""

        def fit(reading: Reading) -> Node | None:
            node = finder.first_in(reading.tree)
            fits = node is not None and node.visible and (node.enabled or not enabled)
            return node if fits else None

        await self._screens.until_followed()
        node, reading = await self._screens.until(fit, seconds)
        if node is not None and reading is not None:
            return node, reading
        seen = finder.first_in(reading.tree) if reading is not None else None
        why = "" if seen is None else "is disabled" if seen.visible else "is there, but out of sight"
        if reading is not None and reading.screen.dialog is not None:
            why = f"is not on screen: a dialog is in the way: {reading.screen.dialog.text!r}"
        elif not why:
            await self._screens.in_front(reading)
        raise await self.not_found(finder, reading, seconds, why)

    async def at_rest(
        self, finder: Finder, seconds: float, *, role: Role | None = None
    ) -> tuple[Node, Point]:
        """Wait for a node to touch: visible, enabled, in the same box in two readings; return where to, too.

        What covers it may go; the keyboard is hidden. A field that has the focus needs no touch, so that it
        may be covered.
        """
        until = now() + seconds
        hidden = False
        before = self._screens.last
        readings = 0
        while True:
            if before is not None and finder.first_in(before.tree) is not None:
                await self._screens.until_rest(before)
            found, reading = await self.visible(finder, max(0.0, until - now()), enabled=True)
            node = next((below for below in found.walk() if role is None or below.role is role), None)
            if node is None:
                raise await self.failed(f"{finder} is a {found.role}, not a {role}")
            readings += 1
            why = "doesn't come to rest"
            was = finder.first_in(before.tree) if before is not None else None
            stays = before is not None and was is not None and was.box == found.box
            if stays and self._screens.shows_rest(before, reading):
                if role is Role.TEXT_FIELD and node.focused:
                    return node, node.box.centre
                spot = aim(reading.tree, node)
                if not isinstance(spot, Cover):
                    if await self._screens.keyboard(reading, spot) is None:
                        return node, spot
                    spot = KEYBOARD
                why = f"is covered by {spot.label}"
                if spot.kind == "keyboard" and not hidden:
                    hidden = True
                    await self._screens.hide_keyboard()
            if now() >= until and readings > 1:
                raise await self.not_found(finder, reading, seconds, why)
            before = reading

    async def failed(self, told: str) -> ActionFailed:
        """Return the error for something that did not happen, with a picture of the screen."""
        return ActionFailed(f"{told}{await self._evidence.told()}")

    async def not_found(self, finder: Finder, reading: Reading | None, waited: float, why: str) -> NotFound:
        """Return the error for a wait that ended in vain; `why` says what was wrong with a node it saw."""
        saved = await self._evidence.save()
        tree = reading.tree if reading is not None else None
        return not_found(finder, tree, waited=waited, why=why, screenshot=saved)
