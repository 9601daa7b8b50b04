"""How a date is picked in the calendar of Material's date picker: month by month, then the day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flutter_bridge.actions import action
from flutter_bridge.calendar_page import CalendarPage, Month, finder_of, read_calendar
from flutter_bridge.clock import Interval
from flutter_bridge.controls import Controls
from flutter_bridge.driver import Reading, wait_until
from flutter_bridge.finders import Finder, by
from flutter_bridge.semantics import Node, Role, Tree


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one is in a calendar: the page, the screen it is on, and the months that it may show."""

    page: CalendarPage
    tree: Tree
    months: frozenset[Month]


@dataclass(frozen=True, slots=True)
class _Task:
    """The date that is to be picked by what a finder opens; `seconds` is how long each step may take."""

    finder: Finder
    day: date
    seconds: float

    def say(self, why: str) -> str:
        return f"{self.finder} can't be set to {self.day:%Y-%m-%d}: {why}"


_OUT_OF_RANGE = "it is outside of the range that its calendar offers"


class DatePicking(Controls):
    """Picks dates; each touch waits as a tap does."""

    @action("picks a date with")
    async def pick_date(self, finder: Finder, day: date, *, timeout: float | None = None) -> Interval:
        """Tap what opens Material's date picker, go to the month, tap the day, and confirm it.

        `timeout` is how many seconds each of these touches is waited for. The calendar may be in any
        language. Raises `ActionFailed` where the date is outside of its range or can't be chosen.
        """
        task = _Task(finder, day, self._seconds(timeout))
        _, spot = await self._wait_at_rest(finder, task.seconds)
        await self._tap(finder, spot)
        place = await self._wait_for_page(task, "no calendar opened", _months_of)
        if abs(day.year - place.page.year) > 1 and place.page.title is not None:
            place = await self._go_to_year(task, place, place.page.title)
        place = await self._go_to_month(task, place)
        node = place.page.days.get(day.day)
        if node is None or not node.enabled:
            is_first = not place.page.previous.enabled or not place.page.next.enabled
            raise await self._action_error(
                task.say(_OUT_OF_RANGE if is_first else "its calendar doesn't let that day be chosen")
            )
        received = await self._tap_button(task, node, place.tree)
        place = await self._wait_for_page(
            task,
            "the day was tapped, and isn't selected",
            lambda page: place.months if (now := page.days.get(day.day)) and now.selected else frozenset(),
        )
        if place.page.confirm is None:
            return received
        received = await self._tap_button(task, place.page.confirm, place.tree)
        await self._driver.pause(None)
        gone, _ = await wait_until(self._driver.readings(task.seconds), _is_without_calendar)
        if not gone:
            raise await self._action_error(task.say("its calendar didn't close when that was confirmed"))
        return received

    async def _go_to_year(self, task: _Task, place: _Place, title: Node) -> _Place:
        """Choose the year in the list of years; the calendar keeps its month where it can."""
        await self._tap_button(task, title, place.tree)
        year = by.role(Role.BUTTON, name=place.page.year_name(task.day.year))
        node = await self._scroller.bring(year, task.seconds)
        if node is None or not node.enabled:
            raise await self._action_error(task.say(_OUT_OF_RANGE))
        _, spot = await self._wait_at_rest(year, task.seconds)
        await self._tap(year, spot)
        return await self._wait_for_page(
            task,
            "its year was tapped, and isn't shown",
            lambda page: _months_of(page) if page.year == task.day.year else frozenset(),
        )

    async def _go_to_month(self, task: _Task, place: _Place) -> _Place:
        """Turn the pages to the month.

        Which one is shown is known once the numbers of days and years that come leave one only. Until then
        one goes on in one direction, and where that ends in the other.
        """
        wanted = Month.number_of(task.day)
        known = sorted(month.number for month in place.months)
        forward, has_turned_round = known[len(known) // 2] <= wanted, False
        while (numbers := {month.number for month in place.months}) != {wanted}:
            if len(numbers) == 1:
                forward = min(numbers) < wanted
            arrow = place.page.next if forward else place.page.previous
            if arrow.enabled:
                place = await self._turn(task, place, arrow, 1 if forward else -1)
            elif len(numbers) == 1:
                raise await self._action_error(task.say(_OUT_OF_RANGE))
            elif has_turned_round:
                raise await self._action_error(task.say("nothing tells which month its calendar shows"))
            else:
                forward, has_turned_round = not forward, True
        return place

    async def _turn(self, task: _Task, place: _Place, arrow: Node, turns: int) -> _Place:
        await self._tap_button(task, arrow, place.tree)
        return await self._wait_for_page(
            task,
            "its calendar doesn't show another month when an arrow is tapped",
            lambda page: (
                page.months_after(place.months, turns) if page.labels != place.page.labels else frozenset()
            ),
        )

    async def _tap_button(self, task: _Task, node: Node, tree: Tree) -> Interval:
        finder = finder_of(node, tree)
        _, spot = await self._wait_at_rest(finder, task.seconds)
        return await self._tap(finder, spot)

    async def _wait_for_page(
        self, task: _Task, otherwise: str, months: Callable[[CalendarPage], frozenset[Month]]
    ) -> _Place:
        """Wait for a page that may show a month of those that `months` says."""

        def find(reading: Reading) -> _Place | None:
            page = read_calendar(reading.tree)
            shown = frozenset() if page is None else months(page)
            return _Place(page, reading.tree, shown) if page is not None and shown else None

        await self._driver.pause(None)
        place, _ = await wait_until(self._driver.readings(task.seconds), find)
        if place is None:
            raise await self._action_error(task.say(otherwise))
        return place


def _months_of(page: CalendarPage) -> frozenset[Month]:
    return page.possible_months


def _is_without_calendar(reading: Reading) -> bool | None:
    return True if read_calendar(reading.tree) is None else None
