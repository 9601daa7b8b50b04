"""What people do with controls that take more than one touch: sliders, menus, and the text of a field."""

from __future__ import annotations

import math

from flutter_bridge.actions import action
from flutter_bridge.clock import Interval, now
from flutter_bridge.driver import Driver, Reading, wait_until
from flutter_bridge.errors import ActionFailed
from flutter_bridge.finders import Finder, by
from flutter_bridge.gestures import Gestures
from flutter_bridge.occlusion import takes_taps
from flutter_bridge.scrolling import Scroller
from flutter_bridge.semantics import Box, Node, Role, Tree
from flutter_bridge.slider import SliderPlan, number_in
from flutter_bridge.text import quote, reads_as
from flutter_bridge.touch import slide

SETTLE_S = 1.5
"""How long a slider is given to say another value: on the web it takes half a second after a touch."""

REST_S = 1.0
"""How long a slider is given to come to rest, when the time is over."""

MENU_S = 2.0
"""How long an option is waited for before a menu is taken for one that has to be scrolled."""

OFFERED = 5
"""How many options of a list are named where the wanted one isn't among them."""

CLOSING_S = 1.0
"""How long a menu is given to close, once an option was tapped: one with boxes to check may stay open."""

MENU = by.role(Role.SCROLLABLE).nth(-1)
"""Where the options of a long menu are: it lies over all else, and so comes last."""


class Controls(Gestures):
    """The actions on controls; each waits as a tap does, and returns when its last touch was received."""

    def __init__(self, driver: Driver, *, timeout: float) -> None:
        super().__init__(driver, timeout=timeout)
        self._scroller = Scroller(driver)

    @action("sets")
    async def set_slider(
        self, finder: Finder, value: float | str, *, timeout: float | None = None
    ) -> Interval:
        """Set a slider to a value as its semantics say it, such as `75` or `"75%"`; verified by them.

        It takes several touches where the first is off, or the slider doesn't say per cent: the app is told
        of the values on the way, too. Raises `ActionFailed` where the slider doesn't take the value.
        """
        wanted = number_in(value) if isinstance(value, str) else float(value)
        if wanted is None or not math.isfinite(wanted):
            raise ActionFailed(f"{finder} can't be set to {value!r}: there is no number in it")

        def is_set(said: str) -> bool:
            return reads_as(said, value) if isinstance(value, str) else number_in(said) == wanted

        until = now() + self._seconds(timeout)
        slider, _ = await self._wait_at_rest(finder, until - now(), role=Role.SLIDER)
        plan = SliderPlan((await self._driver.read()).tree.screen, wanted)
        while (way := plan.next_slide(slider)) is not None:
            _, spot = await self._wait_at_rest(
                finder, max(REST_S, until - now()), role=Role.SLIDER, anchor=way.anchor
            )
            received = await self._touch(finder, spot, [[slide(spot, way.end)]])
            await self._wait_for_value(finder, slider.value)
            slider, _ = await self._wait_at_rest(finder, max(REST_S, until - now()), role=Role.SLIDER)
            if is_set(slider.value):
                return received
            if now() >= until:
                break
        raise await self._action_error(f"{finder} can't be set to {value!r}: it says {quote(slider.value)}")

    async def _wait_for_value(self, finder: Finder, before: str) -> None:
        """Wait until a slider says another value than before; in vain where it stays."""

        def says_another(reading: Reading) -> bool | None:
            slider = _first(finder, reading.tree, Role.SLIDER)
            return True if slider is not None and slider.value != before else None

        await self._driver.pause(None)
        await wait_until(self._driver.readings(SETTLE_S), says_another)

    @action("chooses from")
    async def choose(self, finder: Finder, option: Finder | str, *, timeout: float | None = None) -> Interval:
        """Tap a dropdown or what else opens a menu, wait for an option, and tap that.

        `option` is what can be read on it, or a finder. A long menu is scrolled for it. A `<select>` of
        ordinary HTML opens a list of the browser's own: that is given the choice, without a touch.
        """
        wanted = by.text(option) if isinstance(option, str) else option
        seconds = self._seconds(timeout)
        until = now() + seconds
        opener, spot = await self._wait_at_rest(finder, seconds)
        if isinstance(option, str) and (picked := await self._pick(finder, opener, option)) is not None:
            return picked
        before = (self._driver.last or await self._driver.read()).tree
        panes, others = _panes(before), len(_options(wanted, finder, before))
        await self._tap(finder, spot)

        def find_option(reading: Reading) -> Finder | None:
            return _option(wanted, finder, reading.tree)

        await self._driver.pause(None)
        left = max(0.0, until - now())
        found, reading = await wait_until(self._driver.readings(min(left, MENU_S)), find_option)
        if found is None and now() < until and _texts(reading.tree) == _texts(before):
            # A menu that is still closing takes the tap that is to open it again for its own.
            _, spot = await self._wait_at_rest(finder, max(0.0, until - now()))
            await self._tap(finder, spot)
            await self._driver.pause(None)
            left = max(0.0, until - now())
            found, reading = await wait_until(self._driver.readings(min(left, MENU_S)), find_option)
        if found is None and _panes(reading.tree) - panes:
            scrolled = wanted.within(MENU)
            if await self._scroller.bring(scrolled, max(0.0, until - now())) is not None:
                found = scrolled
        elif found is None:
            found, reading = await wait_until(self._driver.readings(max(0.0, until - now())), find_option)
        if found is None:
            raise await self._not_found_error(wanted, reading, seconds, f"is no option that {finder} opened")
        _, spot = await self._wait_at_rest(found, max(0.0, until - now()))
        received = await self._tap(found, spot)
        await self._wait_until_closed(wanted, finder, others)
        return received

    async def _wait_until_closed(self, wanted: Finder, opener: Finder, others: int) -> None:
        """Wait until the option is gone, but for what said the same before: a menu that closes takes taps."""

        def is_closed(reading: Reading) -> bool | None:
            return True if len(_options(wanted, opener, reading.tree)) <= others else None

        await self._driver.pause(None)
        await wait_until(self._driver.readings(CLOSING_S), is_closed)

    async def _pick(self, finder: Finder, opener: Node, option: str) -> Interval | None:
        """Choose from a list that opens outside the app; None where that is none."""
        before = now()
        picked = await self._driver.pick(opener, option)
        if isinstance(picked, list):
            offered = ", ".join(map(quote, picked[:OFFERED])) or "nothing"
            more = " …" if len(picked) > OFFERED else ""
            raise await self._action_error(f"{finder} offers no {quote(option)}, but {offered}{more}")
        return Interval(before, now()) if picked else None

    @action("selects all of")
    async def select_all(self, finder: Finder, *, timeout: float | None = None) -> Interval:
        """Select the whole text of a field, as its shortcut does."""
        await self._focus(finder, self._seconds(timeout))
        return await self._press("ControlOrMeta+a")

    @action("copies")
    async def copy(self, finder: Finder, *, timeout: float | None = None) -> Interval:
        """Copy the whole text of a field to the clipboard, as its shortcuts do."""
        await self._focus(finder, self._seconds(timeout))
        await self._press("ControlOrMeta+a")
        return await self._press("ControlOrMeta+c")

    @action("pastes into")
    async def paste(self, finder: Finder, *, timeout: float | None = None) -> Interval:
        """Put what is on the clipboard into a field: at its caret, or in the place of what is selected."""
        await self._focus(finder, self._seconds(timeout))
        return await self._press("ControlOrMeta+v")

    async def _focus(self, finder: Finder, seconds: float) -> None:
        """Have a field take the focus, unless it has it."""
        until = now() + seconds
        field, spot = await self._wait_at_rest(finder, seconds, role=Role.TEXT_FIELD)
        if field.focused:
            return
        await self._tap(finder, spot)

        def is_focused(reading: Reading) -> bool | None:
            found = _first(finder, reading.tree, Role.TEXT_FIELD)
            return True if found is not None and found.focused else None

        await self._driver.pause(None)
        done, _ = await wait_until(self._driver.readings(max(0.0, until - now())), is_focused)
        if not done:
            raise await self._action_error(f"{finder} didn't take the focus when tapped")


def _first(finder: Finder, tree: Tree, role: Role) -> Node | None:
    """Return what a finder means on a screen, or what of that role is in it."""
    found = finder.first_match_in(tree)
    return next((node for node in found.walk() if node.role is role), None) if found is not None else None


def _texts(tree: Tree) -> list[tuple[Role, str]]:
    """Return what can be seen to be said on a screen: the same, where nothing was opened."""
    return [(node.role, node.text) for node in tree if node.visible and node.text]


def _panes(tree: Tree) -> set[tuple[str, Box]]:
    """Return what tells the scrollables on a screen from those on another."""
    return {(node.identifier, node.box) for node in tree if node.role is Role.SCROLLABLE and node.visible}


def _option(wanted: Finder, opener: Finder, tree: Tree) -> Finder | None:
    """Return a finder for an option that can be seen.

    A menu lies over all else and comes last; what takes taps goes before what only says the same.
    """
    options = _options(wanted, opener, tree)
    if not options:
        return None
    return wanted if wanted.index is not None else wanted.nth(max(options)[1])


def _options(wanted: Finder, opener: Finder, tree: Tree) -> list[tuple[bool, int]]:
    """Return what may be an option: whether it takes taps, and which of the matches it is.

    What opened the menu is none, though it may say the same.
    """
    apart = opener.first_match_in(tree)
    inside = {id(node) for node in apart.walk()} if apart is not None else set()
    matches = wanted.matches_in(tree)
    return [
        (takes_taps(node), number)
        for number, node in enumerate(matches)
        if node.visible and id(node) not in inside and all(below is not apart for below in node.walk())
    ]
