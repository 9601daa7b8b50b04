"""Reads a test plan: a Markdown file with one table that has a row for each seam.

    | id | priority | scope | impact | strategy | success | contracts | tests |
    | --- | --- | --- | --- | --- | --- | --- | --- |
    | sign-in | P0 | app, backend | nobody gets in | real backend | a session | `api.pyi` | `test_x.py` |

The table is known by its headings `id` and `priority`. `tests` has to be there, too; the others may be
missing, further ones are passed over, and the order is free. In `contracts` and `tests` each path stands in
backquotes; without any, the words of the cell are the paths.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, get_args

from journeys.documents import UnreadableDocument, quote_value, read_document
from journeys.errors import SetupError, UsageError, error_from_system
from journeys.journey import Priority, is_seam_id

PRIORITIES: Final[tuple[Priority, ...]] = get_args(Priority)
MUST_BE_TESTED: Final[tuple[Priority, ...]] = ("P0", "P1")

_REQUIRED: Final = ("id", "priority", "tests")
_TEXTS: Final = ("scope", "impact", "strategy", "success")
_MOST_BYTES: Final = 4 * 2**20
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_RULE = re.compile(r":?-+:?")
_CODE = re.compile(r"`+([^`]+)`+")
_BAR = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam:
    """A place where two components meet, as one row of a plan has it.

    `tests` are files, or tests in them by pytest's ids, `contracts` paths and modules, `line` is the row's.
    """

    id: str
    priority: Priority
    scope: str
    impact: str
    strategy: str
    success: str
    contracts: tuple[str, ...]
    tests: tuple[str, ...]
    line: int

    @property
    def files(self) -> tuple[str, ...]:
        """The files that its tests are in."""
        return tuple(dict.fromkeys(test.partition("::")[0] for test in self.tests))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamPlan:
    """A test plan that was read; `file` is as it was named, `root` the folder that paths begin in."""

    file: str
    root: Path
    seams: tuple[Seam, ...]

    def of(self, priorities: Collection[str]) -> list[Seam]:
        """Return the seams of some priorities, the most important first."""
        return sorted(
            (seam for seam in self.seams if seam.priority in priorities), key=lambda seam: seam.priority
        )

    def place(self, seam: Seam) -> str:
        """Return where a seam is planned, as an error begins."""
        return f"{self.file}:{seam.line}"


class UnsoundPlan(UsageError):
    """A test plan that can't be used; `problems` has a line for each thing that is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        super().__init__(f"{problems[0]}{more}")


def read_plan(file: str, root: Path) -> SeamPlan:
    """Read a test plan, whose path and paths begin at `root`; raises `UnsoundPlan`, or `SetupError`."""
    try:
        text = read_document(root / file, most=_MOST_BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        raise SetupError(f"{file} is not there: write a test plan, or name one by --plan") from None
    except UnicodeDecodeError as error:
        raise SetupError(f"{file} is no UTF-8 (byte {error.start}): save it as UTF-8") from None
    except (UnreadableDocument, ValueError) as error:
        raise SetupError(f"{file}: {error}: name a test plan by --plan") from error
    except OSError as error:
        raise error_from_system(error, f"{file} can't be read") from error
    problems: list[str] = []
    seams = list(_read_seams(text, problems))
    if problems:
        raise UnsoundPlan([f"{file}{problem}" for problem in problems])
    return SeamPlan(file=file, root=root, seams=tuple(seams))


def missing_files(plan: SeamPlan, seams: Sequence[Seam]) -> list[str]:
    """Return a line for each test file of some seams that isn't there, and each seam without one."""
    lines = [
        f"{plan.place(seam)}: {file} of {seam.id} is not there: write it, or mend its path"
        for seam in seams
        for file in seam.files
        if not (plan.root / file).exists()
    ]
    lines += [
        f"{plan.place(seam)}: {seam.id} names no test file: write one, and name it under tests"
        for seam in seams
        if not seam.tests
    ]
    return lines


def _read_seams(text: str, problems: list[str]) -> Iterator[Seam]:
    tables = list(_tables(text))
    if not tables:
        problems.append(
            ": has no table of seams: add one with the headings id, priority, scope, impact, strategy, "
            "success, contracts, tests"
        )
        return
    number, header, rows = tables[0]
    if len(tables) > 1:
        problems.append(f":{tables[1][0]}: a second table of seams, after line {number}: make them one")
        return
    lacking = [name for name in _REQUIRED if name not in header]
    twice = [name for name in dict.fromkeys(header) if name and header.count(name) > 1]
    if lacking or twice:
        what = f"has no column {', '.join(lacking)}" if lacking else f"has the column {twice[0]} twice"
        problems.append(f":{number}: the table of seams {what}: mend its headings")
        return
    if not rows or not all(map(_RULE.fullmatch, rows[0][1])) or len(rows[0][1]) != len(header):
        problems.append(
            f":{number + 1}: dashes have to follow the headings: --- for each of {len(header)} columns"
        )
        return
    if len(rows) == 1:
        problems.append(f":{number}: the table of seams has no rows: add a seam, or remove it")
    lines: dict[str, int] = {}
    for line, cells in rows[1:]:
        if len(cells) != len(header):
            problems.append(
                f":{line}: {len(cells)} cells in a table of {len(header)} columns: add what is missing, or "
                r"write \| for a bar within a cell"
            )
            continue
        row = dict(zip(header, cells, strict=True))
        found = [f":{line}: {problem}" for problem in _problems_of(row, lines)]
        problems += found
        lines.setdefault(_plain(row["id"]), line)
        if not found:
            yield _seam(row, line)


def _problems_of(row: dict[str, str], lines: dict[str, int]) -> Iterator[str]:
    name, priority = _plain(row["id"]), _plain(row["priority"])
    if not is_seam_id(name):
        yield f"{quote_value(name)} is no id: small letters, digits and single dashes, such as sign-in"
    elif name in lines:
        yield f"the id {name} is in line {lines[name]} already: give one of them another"
    if priority not in PRIORITIES:
        yield f"unknown priority {quote_value(priority)}: write P0, P1 or P2"
    for path in (*_paths(row["tests"]), *_paths(row.get("contracts", ""))):
        pure = PurePosixPath(path.partition("::")[0])
        if pure.is_absolute() or ".." in pure.parts or "\0" in path:
            yield f"{quote_value(path)} leads out of the project: write a path within it"


def _seam(row: dict[str, str], line: int) -> Seam:
    (priority,) = (each for each in PRIORITIES if each == _plain(row["priority"]))
    texts = {name: row.get(name, "") for name in _TEXTS}
    return Seam(
        id=_plain(row["id"]),
        priority=priority,
        **texts,
        contracts=_paths(row.get("contracts", "")),
        tests=_paths(row["tests"]),
        line=line,
    )


def _tables(text: str) -> Iterator[tuple[int, list[str], list[tuple[int, list[str]]]]]:
    """Yield tables of seams: the line of the headings, the headings, and the lines below with their cells."""
    fence = ""
    block: list[tuple[int, list[str]]] = []
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence):
            fence = ""
        elif not fence and line.strip().startswith("|"):
            block.append((number, _cells(line)))
            continue
        if block:
            header = [_plain(cell).lower() for cell in block[0][1]]
            if {"id", "priority"} <= set(header):
                yield block[0][0], header, block[1:]
            block = []


def _cells(line: str) -> list[str]:
    line = line.strip().removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    return [cell.replace("\\|", "|").strip() for cell in _BAR.split(line)]


def _plain(cell: str) -> str:
    return cell.strip("`*_ ")


def _paths(cell: str) -> tuple[str, ...]:
    paths = _CODE.findall(cell) or re.split(r"[\s,]+", cell)
    # A dash says that there is none.
    return tuple(dict.fromkeys(path.strip() for path in paths if path.strip(" -–—")))
