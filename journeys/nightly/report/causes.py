"""Groups what did not pass by its cause: the fewest causes that explain every cell.

A cause has the same words wherever something went wrong.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final, Literal

from journeys.nightly.record import CellRecord, NightRecord
from journeys.report import FAULTS, JourneyRecord, ScreenRow, SurfaceRecord

_LOWEST_PRIORITY = "P9"
"""Stands for no priority, behind all there are."""

Kind = Literal["surface", "screen", "error"]

ANY: Final = "…"
"""What stands for whatever differs from one target to the next."""

_MAX_CHARACTERS: Final = 240

_ADDRESS = re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s'\"<>)\]]+")
_PATH = re.compile(r"(?<![\w<])(?:[A-Za-z]:\\|\.{0,2}/|~/)?(?:[\w.@+%…-]+[/\\])+[\w.@+%…-]+")
_ID = re.compile(r"\b(?=[0-9a-fA-F-]*\d)[0-9a-fA-F]{8,}(?:-[0-9a-fA-F]{4,})*\b")
_NUMBER = re.compile(r"(?<![^\W\d_])\d+(?:[.,:]\d+)*")
_SEVERAL = re.compile(r"…(?:[\s:.–-]*…)+")
_DRAWN_BY = re.compile(r" \(the baseline was drawn by .*\)$")


@dataclass(frozen=True)
class Symptom:
    """One thing that went wrong: symptoms are equal where it is the same thing, whatever the target.

    `what` tells it apart: a sentence about a surface or a screen, or an error's line without what differs
    from one target to the next.
    """

    kind: Kind
    what: str


@dataclass(frozen=True)
class Group:
    """Cells with one cause; `also` are other symptoms in some of them, with how many have each."""

    symptom: Symptom
    title: str
    cells: Sequence[CellRecord]
    also: Sequence[tuple[str, int]]

    @property
    def id(self) -> str:
        """What names the group in the page's address: the same in every night."""
        return f"cause-{sha256(f'{self.symptom.kind} {self.symptom.what}'.encode()).hexdigest()[:10]}"

    @property
    def cause(self) -> str:
        """What kind of cause it is, as most of its cells have it."""
        return Counter(cell["cause"] for cell in self.cells).most_common(1)[0][0]

    @property
    def priority(self) -> str:
        """The highest priority among its cells; empty where none has one."""
        return min((cell["priority"] for cell in self.cells if cell["priority"]), default="")

    def castings(self) -> Counter[str]:
        """Return how many of its cells each casting has, the most first."""
        return _count(cell["casting"] for cell in self.cells)

    def journeys(self) -> Counter[str]:
        """Return how many of its cells each journey has, the most first."""
        return _count(cell["journey"] for cell in self.cells)


def names_in(night: NightRecord) -> set[str]:
    """Return the names by which errors of different targets differ."""
    names = {cell["casting"] for cell in night["cells"]}
    for target in night["targets"]:
        names.update((target["name"], *target["devices"]))
    return names


def groups_of(cells: Sequence[CellRecord], *, names: Iterable[str] = ()) -> list[Group]:
    """Return the groups, those of P0 first; of a priority those with verdicts and screens, then the largest.

    A cell is in one group only. Where it has several symptoms, it goes to the one that explains most cells;
    the others are shown as what else was seen there. `names` differ between targets: see `make_leveller`.
    """
    level = make_leveller(names)
    lines: dict[Symptom, set[str]] = defaultdict(set)
    found: list[list[Symptom]] = []
    for cell in cells:
        of_cell = dict(_symptoms(cell, level))
        found.append(list(of_cell))
        for symptom, line in of_cell.items():
            lines[symptom].add(line)
    return sorted(
        (
            Group(
                symptom=symptom,
                title=_title(symptom, lines[symptom]),
                cells=[cells[number] for number in members],
                also=_count(
                    _title(other, lines[other])
                    for number in members
                    for other in found[number]
                    if other != symptom
                ).most_common(5),
            )
            for symptom, members in _cover(found)
        ),
        key=lambda group: (
            group.priority or _LOWEST_PRIORITY,
            ("verdict", "screen", "setup", "", "infrastructure").index(group.cause),
            -len(group.cells),
            group.title,
        ),
    )


def _symptoms(cell: CellRecord, level: Callable[[str], str]) -> list[tuple[Symptom, str]]:
    """Return what went wrong in a cell, and the line of it that a person reads."""
    attempt = cell["attempts"][-1] if cell["attempts"] else None
    record = attempt["record"] if attempt is not None else None
    found = []
    if record is not None and cell["cause"] not in {"setup", "infrastructure"}:
        for surface in unpassed_surfaces(record, cell["status"]):
            line = describe_surface(surface)
            found.append((Symptom("surface", line), line))
        for screen in record["screens"]:
            if not screen["accepted"]:
                line = describe_screen(screen)
                found.append((Symptom("screen", level(line)), line))
    if not found:
        line = first_line(cell["error"] or (attempt["error"] if attempt is not None else ""))
        found.append((Symptom("error", level(line)), line))
    return found


def _cover(found: Sequence[Sequence[Symptom]]) -> list[tuple[Symptom, list[int]]]:
    """Return the symptoms that explain most, each with the cells that none before it explains."""
    having: dict[Symptom, list[int]] = defaultdict(list)
    for number, symptoms in enumerate(found):
        for symptom in symptoms:
            having[symptom].append(number)
    order = {symptom: place for place, symptom in enumerate(having)}
    waiting = [(-len(members), order[symptom], symptom) for symptom, members in having.items()]
    heapq.heapify(waiting)
    explained = [False] * len(found)
    covered = []
    while waiting:
        size, place, symptom = heapq.heappop(waiting)
        members = [number for number in having[symptom] if not explained[number]]
        if -size != len(members):
            # Another one has explained some of these meanwhile: it may not be the largest any more.
            having[symptom] = members
            if members:
                heapq.heappush(waiting, (-len(members), place, symptom))
            continue
        for number in members:
            explained[number] = True
        covered.append((symptom, members))
    return covered


def _title(symptom: Symptom, lines: set[str]) -> str:
    # Where the lines are all alike it is that line, else what is common to all.
    title = next(iter(lines)) if len(lines) == 1 else symptom.what
    first = title.partition(" ")[0]
    return title[:1].upper() + title[1:] if first.isalpha() and first.islower() else title


def _count(names: Iterable[str]) -> Counter[str]:
    counted = Counter(names)
    return Counter(dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))))


def describe_surface(surface: SurfaceRecord) -> str:
    """Return what a surface did instead of showing the change in time, as a sentence without a full stop."""
    named = f"The {surface['surface']}"
    fault = surface["fault"]
    if fault is None:
        if surface["verdict"] == "inconclusive":
            return f"{named} showed the change, but nobody can tell whether in time"
        return f"{named} showed the change too late"
    sentence = FAULTS.get(fault, "{}: " + fault.replace("{", "{{").replace("}", "}}")).format(named)
    return f"{sentence}, as far as could be seen" if surface["verdict"] == "inconclusive" else sentence


def describe_screen(screen: ScreenRow) -> str:
    """Return how a screen differs from its baseline."""
    if screen["status"] == "new":
        return f"Screen {screen['screen']} has no baseline yet"
    summary = _DRAWN_BY.sub("", screen["summary"]) or "differs from its baseline"
    return f"Screen {screen['screen']}: {summary}"


def first_line(error: str) -> str:
    """Return the line of an error that says what happened: its first one."""
    line = next((line.strip() for line in error.splitlines() if line.strip()), "Nothing was said about why")
    return line if len(line) <= _MAX_CHARACTERS else line[: _MAX_CHARACTERS - 1] + ANY


def make_leveller(names: Iterable[str]) -> Callable[[str], str]:
    """Return a function that makes lines alike that differ by these names, places, ids and numbers only.

    `names` are those of targets, castings and devices.
    """
    known = sorted({name for name in names if name}, key=lambda name: (-len(name), name))
    named = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, known)) + r")(?![\w-])") if known else None

    @lru_cache(maxsize=4096)
    def level(line: str) -> str:
        for pattern in (_ADDRESS, named, _ID, _PATH, _NUMBER):
            if pattern is not None:
                line = pattern.sub(ANY, line)
        return _SEVERAL.sub(ANY, line)

    return level


def unpassed_surfaces(record: JourneyRecord, status: str) -> list[SurfaceRecord]:
    """Return the surfaces that made a journey end with a status; all that didn't pass where none is alike."""
    unpassed = [surface for surface in record["surfaces"] if surface["verdict"] != "passed"]
    return [surface for surface in unpassed if surface["verdict"] == status] or unpassed
