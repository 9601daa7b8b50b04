"""A date is picked in a calendar that knows what it shows, in languages of which the bridge knows no word."""

# ruff: noqa: ARG002 - a driver is asked for more than this one needs

from __future__ import annotations

import asyncio
from calendar import monthrange
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flutter_bridge import ActionFailed, Box, BridgeError, FlutterApp, Node, Role, by
from flutter_bridge.clock import Interval
from flutter_bridge.driver import Reading
from flutter_bridge.occlusion import Point
from flutter_bridge.semantics import Tree
from tests.flutter_bridge.scripted_driver import MOMENT, ScriptedDriver

MONDAY, SATURDAY, SUNDAY = 0, 5, 6
OPENER = Node(Role.BUTTON, "day", "Pick a day", box=Box(0, 0, 100, 40))
GRID = Box(35, 100, 350, 350)
CONFIRM, CANCEL = "confirm", "cancel"


class Language(NamedTuple):
    """How people of a language write a calendar."""

    zero: str
    weeks_begin: int
    from_the_right: bool
    months_are_numbers: bool

    def write(self, number: int) -> str:
        return "".join(chr(ord(self.zero) + int(digit)) for digit in str(number))

    def label(self, day: date, *, is_today: bool) -> str:
        month = self.write(day.month) if self.months_are_numbers else f"{day:%B}"
        words = f"{day:%A}, {month} {self.write(day.day)}, {self.write(day.year)}"
        return f"{self.write(day.day)}, {words}{', Today' if is_today else ''}"


ENGLISH = Language("0", SUNDAY, from_the_right=False, months_are_numbers=False)
LANGUAGES = {
    "english": ENGLISH,
    "german": Language("0", MONDAY, from_the_right=False, months_are_numbers=False),
    "persian": Language(
        "\N{EXTENDED ARABIC-INDIC DIGIT ZERO}", SATURDAY, from_the_right=True, months_are_numbers=False
    ),
    "japanese": Language("0", SUNDAY, from_the_right=False, months_are_numbers=True),
}


class Calendar(ScriptedDriver):
    """A screen whose button opens a calendar; `picked` is what the app was told.

    An engine of before 2025 `hides_disabled` days from those who can't see them.
    """

    def __init__(
        self,
        shown: date,
        first: date,
        last: date,
        *,
        language: Language = ENGLISH,
        hides_disabled: bool = False,
        closed: frozenset[date] = frozenset(),
    ) -> None:
        super().__init__(Path())
        self.earliest, self.latest, self.selected = first, last, shown
        self.year, self.month = shown.year, shown.month
        self.language, self.hides_disabled, self.closed = language, hides_disabled, closed
        self.is_open, self.lists_years = False, False
        self.picked: date | None = None
        self.turns = 0
        self._turning_from: tuple[int, int] | None = None

    async def read(self) -> Reading:
        before, self._turning_from = self._turning_from, None
        nodes: tuple[Node, ...] = (OPENER,)
        if self.is_open:
            months = [(self.year, self.month)] if before is None else [before, (self.year, self.month)]
            inside = [self._years()] if self.lists_years else [self._days(*each) for each in months]
            nodes = (*self._buttons(), *inside)
        return Reading(tree=Tree(Node(children=nodes), Box(0, 0, 420, 600)), version=0)

    async def readings(self, seconds: float) -> AsyncGenerator[Reading, None]:
        for _ in range(3):
            yield await self.read()

    async def shoot(self) -> tuple[bytes, float]:
        raise BridgeError("there is no picture of it")

    async def tap(self, point: Point) -> Interval:
        tree = (await self.read()).tree
        hit = [node for node in tree if node.role is Role.BUTTON and _holds(node.box, point)]
        assert len(hit) == 1, "a tap goes to one button"
        assert hit[0].enabled, "what is disabled is not tapped"
        self._do(hit[0])
        return MOMENT

    def _do(self, button: Node) -> None:
        match button.identifier.split():
            case ["day"]:
                self.is_open = True
            case ["turn", by_months]:
                self.turns += 1
                self._turning_from = (self.year, self.month)
                self._show(self.year * 12 + self.month - 1 + int(by_months))
            case ["years"]:
                self.lists_years = True
            case ["year", year]:
                self.lists_years = False
                self._show(int(year) * 12 + self.month - 1)
            case ["select", number]:
                self.selected = date(self.year, self.month, int(number))
            case ["confirm"]:
                self.picked, self.is_open = self.selected, False
            case other:
                raise AssertionError(f"nobody taps {other}")

    def _show(self, month: int) -> None:
        nearest = max(self._number(self.earliest), min(self._number(self.latest), month))
        self.year, self.month = nearest // 12, nearest % 12 + 1

    @staticmethod
    def _number(day: date) -> int:
        return day.year * 12 + day.month - 1

    def _box(self, left: float, top: float, width: float, height: float) -> Box:
        box = Box(left, top, width, height)
        return replace(box, left=420 - box.right) if self.language.from_the_right else box

    def _buttons(self) -> list[Node]:
        month = self.year * 12 + self.month - 1
        arrow = Node(Role.BUTTON, label="an arrow")
        title = f"Year\n{self.language.write(self.year)}"
        return [
            Node(Role.BUTTON, "pencil", "Write it", box=self._box(340, 10, 40, 40)),
            replace(
                arrow,
                identifier="turn -1",
                box=self._box(300, 55, 40, 40),
                enabled=month > self._number(self.earliest),
            ),
            replace(
                arrow,
                identifier="turn 1",
                box=self._box(345, 55, 40, 40),
                enabled=month < self._number(self.latest),
            ),
            Node(Role.BUTTON, "years", title, box=self._box(35, 55, 200, 40)),
            Node(Role.BUTTON, CANCEL, "No", box=self._box(240, 500, 60, 40)),
            Node(Role.BUTTON, CONFIRM, "Yes", box=self._box(310, 500, 60, 40)),
        ]

    def _days(self, year: int, month: int) -> Node:
        _, length = monthrange(year, month)
        days = [date(year, month, number) for number in range(1, length + 1)]
        column = (days[0].weekday() - self.language.weeks_begin) % 7
        nodes = []
        for at, day in enumerate(days, start=column):
            row, across = divmod(at, 7)
            enabled = self.earliest <= day <= self.latest and day not in self.closed
            if enabled or not self.hides_disabled:
                nodes.append(
                    Node(
                        Role.BUTTON,
                        f"select {day.day}",
                        self.language.label(day, is_today=day.day == 30),
                        box=self._box(35 + across * 50, 150 + row * 50, 50, 50),
                        enabled=enabled,
                        selected=day == self.selected,
                    )
                )
        return Node(box=GRID, children=tuple(nodes))

    def _years(self) -> Node:
        years = range(self.earliest.year - 3, self.latest.year + 4)
        nodes = [
            Node(
                Role.BUTTON,
                f"year {year}",
                self.language.write(year)
                + "\N{CJK UNIFIED IDEOGRAPH-5E74}" * self.language.months_are_numbers,
                box=Box(35, 100 + 10 * at, 350, 9),
                enabled=self.earliest.year <= year <= self.latest.year,
            )
            for at, year in enumerate(years)
        ]
        return Node(box=GRID, children=tuple(nodes))


def _holds(box: Box, point: Point) -> bool:
    x, y = point
    return box.left <= x < box.right and box.top <= y < box.bottom


def pick(calendar: Calendar, day: date) -> None:
    app = FlutterApp(calendar, target="scripted", links=None, timeout=0.0)
    asyncio.run(app.pick_date(by.identifier("day"), day))


LANGUAGE = st.sampled_from(list(LANGUAGES.values()))


@st.composite
def ranges(draw: st.DrawFn) -> tuple[date, date, date]:
    """The first and the last day that may be chosen, and the one that is shown first."""
    first = draw(st.dates(date(2019, 1, 1), date(2029, 1, 1)))
    last = first + timedelta(days=draw(st.integers(0, 2000)))
    return first, last, draw(st.dates(first, last))


@given(ranges(), st.data(), LANGUAGE, st.booleans())
def test_the_date_that_is_asked_for_is_picked(
    range_: tuple[date, date, date], data: st.DataObject, language: Language, hides_disabled: bool
) -> None:
    first, last, shown = range_
    assume(first.year < last.year)
    day = data.draw(st.dates(first, last), label="day")
    calendar = Calendar(shown, first, last, language=language, hides_disabled=hides_disabled)
    pick(calendar, day)
    assert calendar.picked == day


@given(ranges(), st.data(), LANGUAGE, st.booleans())
def test_where_nothing_tells_the_month_no_wrong_date_is_picked(
    range_: tuple[date, date, date], data: st.DataObject, language: Language, hides_disabled: bool
) -> None:
    first, last, shown = range_
    last = min(last, date(first.year, 12, 31))
    shown = min(shown, last)
    day = data.draw(st.dates(first, last), label="day")
    calendar = Calendar(shown, first, last, language=language, hides_disabled=hides_disabled)
    try:
        pick(calendar, day)
    except ActionFailed as error:
        assert "nothing tells which month its calendar shows" in str(error)  # noqa: PT017 - or it is picked
        assert calendar.picked is None
    else:
        assert calendar.picked == day


@given(ranges(), st.integers(1, 1000), st.booleans(), LANGUAGE)
def test_a_date_outside_of_the_range_is_refused(
    range_: tuple[date, date, date], beyond: int, is_early: bool, language: Language
) -> None:
    first, last, shown = range_
    assume(first.year < last.year)
    day = first - timedelta(days=beyond) if is_early else last + timedelta(days=beyond)
    calendar = Calendar(shown, first, last, language=language)
    with pytest.raises(ActionFailed, match=f"can't be set to {day}: it is outside of the range"):
        pick(calendar, day)
    assert calendar.picked is None


def test_a_day_that_is_closed_is_refused() -> None:
    day = date(2026, 5, 13)
    calendar = Calendar(date(2026, 5, 1), date(2020, 1, 1), date(2030, 1, 1), closed=frozenset({day}))
    with pytest.raises(ActionFailed, match="2026-05-13: its calendar doesn't let that day be chosen"):
        pick(calendar, day)


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_a_far_year_is_chosen_in_the_list_of_years(language: str) -> None:
    calendar = Calendar(date(2026, 5, 1), date(1990, 1, 1), date(2030, 1, 1), language=LANGUAGES[language])
    pick(calendar, date(1991, 4, 30))
    assert calendar.picked == date(1991, 4, 30)
    assert calendar.turns < 24


def test_where_months_are_numbers_one_goes_straight_there() -> None:
    calendar = Calendar(date(2026, 5, 1), date(2020, 1, 1), date(2030, 1, 1), language=LANGUAGES["japanese"])
    pick(calendar, date(2026, 8, 31))
    assert (calendar.picked, calendar.turns) == (date(2026, 8, 31), 3)


def test_what_opens_no_calendar_is_reported() -> None:
    calendar = Calendar(date(2026, 5, 1), date(2026, 5, 1), date(2026, 5, 1))
    calendar.hides_disabled, calendar.closed = True, frozenset({date(2026, 5, 1)})
    with pytest.raises(ActionFailed, match="can't be set to 2026-05-01: no calendar opened"):
        pick(calendar, date(2026, 5, 1))
