"""What a calendar of Material's date picker shows, in any language.

It is told by the numbers in the labels of its days and by where things are: no word of any language is known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from flutter_bridge.finders import Finder, by
from flutter_bridge.semantics import Box, Node, Role, Tree

ROW_PX = 4.0
"""How far apart the middles of what stands in one row may be, and how far a box may reach into the next."""

_DAY = re.compile(r"(\d{1,2}), (.*\d.*)", re.DOTALL)
_NUMBER = re.compile(r"\d+")

_WEEKS_BEGIN = (0, 5, 6)
"""A Monday, a Saturday or a Sunday, as Python counts them: no other day in any of Flutter's languages."""


@dataclass(frozen=True, slots=True)
class Month:
    """What a page may show: a month, in a calendar whose weeks begin on a weekday.

    `number` counts the months from the year 0 on.
    """

    number: int
    weeks_begin: int

    @classmethod
    def number_of(cls, day: date) -> int:
        """Return the number of the month that a day is in."""
        return day.year * 12 + day.month - 1


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """A calendar that shows one month: its days, the arrows to other months, and what else it has.

    `month` is None where the labels of the days say it in words. `title` opens the list of years, `confirm`
    takes the day that is selected.
    """

    days: Mapping[int, Node]
    year: int
    month: int | None
    grid: Box
    previous: Node
    next: Node
    title: Node | None
    confirm: Node | None

    @property
    def labels(self) -> tuple[str, ...]:
        """What tells the page from that of another month."""
        return tuple(node.label for node in self.days.values())

    @property
    def possible_months(self) -> frozenset[Month]:
        """What it may show, by itself."""
        numbers = range(self.year * 12, self.year * 12 + 12)
        months = (Month(number, weekday) for number in numbers for weekday in _WEEKS_BEGIN)
        return frozenset(month for month in months if self._may_show(month))

    def months_after(self, before: Iterable[Month], turns: int) -> frozenset[Month]:
        """Return what it may show so many turns after a page that may have shown one of these."""
        moved = (Month(month.number + turns, month.weeks_begin) for month in before)
        return frozenset(month for month in moved if self._may_show(month))

    def year_name(self, year: int) -> re.Pattern[str]:
        """Return what the list of years calls a year: its number in this calendar's digits, and no other."""
        digit = next(character for label in self.labels for character in label if character.isdecimal())
        zero = ord(digit) - unicodedata.decimal(digit)
        written = "".join(chr(zero + int(each)) for each in str(year))
        return re.compile(rf"^\D*{written}\D*$")

    def _may_show(self, month: Month) -> bool:
        year, index = divmod(month.number, 12)
        if year != self.year or self.month not in {None, index + 1}:
            return False
        try:
            days = [date(year, index + 1, day) for day in self.days]
        except ValueError:
            return False  # it has more days than that month
        return all((day.weekday() - self._column(day.day)) % 7 == month.weeks_begin for day in days)

    def _column(self, day: int) -> int:
        middle, _ = self.days[day].box.centre
        column = int((middle - self.grid.left) / self.grid.width * 7)
        # Where people write from the right, the days go from there, and the arrows likewise.
        return 6 - column if self.previous.box.left > self.next.box.left else column


def read_calendar(tree: Tree) -> CalendarPage | None:
    """Return the calendar on a screen; None where there is none, or it shows two months as it turns."""
    grids = [node for node in tree if any(_numbers(child) for child in node.children)]
    if len(grids) != 1:
        return None
    (grid,) = grids
    days = {numbers[0]: node for node in grid.children if (numbers := _numbers(node))}
    others = {(year, month) for node in days.values() for _, year, month in [_numbers(node) or (0, 0, None)]}
    if len({year for year, _ in others}) != 1 or grid.box.is_empty:
        return None
    buttons = [node for node in tree if node.role is Role.BUTTON and not _numbers(node)]
    above = [node for node in buttons if _is_above(node.box, grid.box)]
    squares = [node for node in above if abs(node.box.width - node.box.height) <= ROW_PX]
    lowest = max((node.box.centre[1] for node in squares), default=0.0)
    arrows = [node for node in squares if lowest - node.box.centre[1] <= ROW_PX]
    if len(arrows) != 2:
        return None
    year = next(year for year, _ in others)
    months = {month for _, month in others}
    wide = [node for node in above if node not in squares and year in map(int, _NUMBER.findall(node.label))]
    return CalendarPage(
        days=days,
        year=year,
        month=months.pop() if len(months) == 1 else None,
        grid=grid.box,
        previous=arrows[0],
        next=arrows[1],
        title=wide[0] if wide else None,
        confirm=_confirm([node for node in buttons if node.box.top >= grid.box.bottom - ROW_PX], arrows),
    )


def finder_of(node: Node, tree: Tree) -> Finder:
    """Return a finder for a button of a calendar, by its label where that tells it from all others."""
    named = by.role(node.role, name=node.label)
    if node.label and named.matches_in(tree) == [node]:
        return named
    same = [other for other in tree if other.role is node.role]
    return by.role(node.role).nth(next(at for at, other in enumerate(same) if other is node))


def _numbers(node: Node) -> tuple[int, int, int | None] | None:
    """Return the day, the year and, where that is a number, the month of a day; None for what is no day."""
    found = _DAY.fullmatch(node.label) if node.role is Role.BUTTON else None
    if found is None:
        return None
    day, rest = int(found[1]), [int(number) for number in _NUMBER.findall(found[2])]
    years = [number for number in rest if number >= 1000]
    if len(years) != 1 or day not in rest:
        return None
    rest.remove(day)
    rest.remove(years[0])
    return day, years[0], rest[0] if len(rest) == 1 and 1 <= rest[0] <= 12 else None


def _is_above(box: Box, grid: Box) -> bool:
    return grid.left <= box.centre[0] <= grid.right and box.bottom <= grid.top + ROW_PX


def _confirm(below: list[Node], arrows: list[Node]) -> Node | None:
    """Return the last button of the lowest row below a calendar, as people read: the other one cancels."""
    lowest = max((node.box.centre[1] for node in below), default=0.0)
    row = sorted(
        (node for node in below if lowest - node.box.centre[1] <= ROW_PX), key=lambda node: node.box.left
    )
    if not row:
        return None
    return row[0] if arrows[0].box.left > arrows[1].box.left else row[-1]
