"""Groups what did not pass by its cause: the fewest causes that explain every cell."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from journeys.farm.morning.wording import (
    leveller,
    said_by_error,
    said_of_screen,
    said_of_surface,
    unpassed_surfaces,
)
from journeys.farm.night_record import CellRecord, NightRecord

_LAST = "P9"
"""Stands for no priority, behind all there are."""

Kind = Literal["surface", "screen", "error"]


@dataclass(frozen=True)
class Finding:
    """One thing that went wrong: findings are equal where it is the same thing, whatever the target.

    `what` tells it apart: a sentence about a surface or a screen, or an error's line without what differs
    from one target to the next.
    """

    kind: Kind
    what: str


@dataclass(frozen=True)
class Group:
    """Cells with one cause; `also` are other findings in some of them, with how many have each."""

    finding: Finding
    title: str
    cells: Sequence[CellRecord]
    also: Sequence[tuple[str, int]]

    @property
    def id(self) -> str:
        """What names the group in the page's address: the same in every night."""
        return f"cause-{sha256(f'{self.finding.kind} {self.finding.what}'.encode()).hexdigest()[:10]}"

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
        return _counted(cell["casting"] for cell in self.cells)

    def journeys(self) -> Counter[str]:
        """Return how many of its cells each journey has, the most first."""
        return _counted(cell["journey"] for cell in self.cells)


def names_in(night: NightRecord) -> set[str]:
    """Return the names by which errors of different targets differ."""
    names = {cell["casting"] for cell in night["cells"]}
    for target in night["targets"]:
        names.update((target["name"], *target["devices"]))
    return names


def groups_of(cells: Sequence[CellRecord], *, names: Iterable[str] = ()) -> list[Group]:
    """Return the groups, those of P0 first; of a priority those with verdicts and screens, then the largest.

    A cell is in one group only. Where it has several findings, it goes to the one that explains most cells;
    the others are told as what else was seen there. `names` differ between targets: see `leveller`.
    """
    levelled = leveller(names)
    lines: dict[Finding, set[str]] = defaultdict(set)
    found: list[list[Finding]] = []
    for cell in cells:
        of_cell = dict(_findings(cell, levelled))
        found.append(list(of_cell))
        for finding, line in of_cell.items():
            lines[finding].add(line)
    return sorted(
        (
            Group(
                finding=finding,
                title=_title(finding, lines[finding]),
                cells=[cells[number] for number in members],
                also=_counted(
                    _title(other, lines[other])
                    for number in members
                    for other in found[number]
                    if other != finding
                ).most_common(5),
            )
            for finding, members in _covered(found)
        ),
        key=lambda group: (
            group.priority or _LAST,
            ("verdict", "screen", "setup", "", "infrastructure").index(group.cause),
            -len(group.cells),
            group.title,
        ),
    )


def _findings(cell: CellRecord, levelled: Callable[[str], str]) -> list[tuple[Finding, str]]:
    """Return what went wrong in a cell, and the line of it that a person reads."""
    attempt = cell["attempts"][-1] if cell["attempts"] else None
    record = attempt["record"] if attempt is not None else None
    found = []
    if record is not None and cell["cause"] not in {"setup", "infrastructure"}:
        for surface in unpassed_surfaces(record, cell["status"]):
            said = said_of_surface(surface)
            found.append((Finding("surface", said), said))
        for screen in record["screens"]:
            if not screen["accepted"]:
                said = said_of_screen(screen)
                found.append((Finding("screen", levelled(said)), said))
    if not found:
        said = said_by_error(cell["error"] or (attempt["error"] if attempt is not None else ""))
        found.append((Finding("error", levelled(said)), said))
    return found


def _covered(found: Sequence[Sequence[Finding]]) -> list[tuple[Finding, list[int]]]:
    """Return the findings that explain most, each with the cells that none before it explains."""
    having: dict[Finding, list[int]] = defaultdict(list)
    for number, findings in enumerate(found):
        for finding in findings:
            having[finding].append(number)
    order = {finding: place for place, finding in enumerate(having)}
    waiting = [(-len(members), order[finding], finding) for finding, members in having.items()]
    heapq.heapify(waiting)
    explained = [False] * len(found)
    covered = []
    while waiting:
        size, place, finding = heapq.heappop(waiting)
        members = [number for number in having[finding] if not explained[number]]
        if -size != len(members):
            # Another one has explained some of these meanwhile: it may not be the largest any more.
            having[finding] = members
            if members:
                heapq.heappush(waiting, (-len(members), place, finding))
            continue
        for number in members:
            explained[number] = True
        covered.append((finding, members))
    return covered


def _title(finding: Finding, lines: set[str]) -> str:
    # What nothing differs in is said as it was; else as what is common to all.
    said = next(iter(lines)) if len(lines) == 1 else finding.what
    first = said.partition(" ")[0]
    return said[:1].upper() + said[1:] if first.isalpha() and first.islower() else said


def _counted(names: Iterable[str]) -> Counter[str]:
    counted = Counter(names)
    return Counter(dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))))
