"""What is kept of the last run of a test plan, and what another run's JUnit file says instead."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final, TypedDict

from journeys.documents import MOST_BYTES, UnreadableDocument, decode_json, one_line, read_document
from journeys.errors import SetupError, error_from_system
from journeys.plan.sessions import Outcome, RecordedTest

SCHEMA: Final = 1


class PlannedSeam(TypedDict):
    """A seam that was run, with the number of its tests and how long they took by themselves."""

    id: str
    priority: str
    tests: int
    seconds: float


class SessionRecord(TypedDict):
    """One run of pytest: which, in whose order, how long, how it ended."""

    label: str
    seed: int | None
    seconds: float
    passed: int
    failed: int
    skipped: int
    problems: list[str]


class TestRecord(TypedDict):
    """What became of one test in the whole suite, in the files' order."""

    id: str
    file: str
    outcome: Outcome
    reason: str
    seconds: float


class CoverageRecord(TypedDict):
    """How much of a package the whole suite runs through."""

    package: str
    percent: float
    covered: int
    lines: int


class PlanRecord(TypedDict):
    """A run of a test plan: the document of `--json`, and what `journeys plan status` looks at."""

    schema: int
    plan: str
    started_at: str
    seconds: float
    seed: int
    priorities: list[str]
    seams: list[PlannedSeam]
    sessions: list[SessionRecord]
    tests: list[TestRecord]
    only_together: list[str]
    only_random: list[str]
    bisect: list[str]
    count_differences: list[str]
    coverage: CoverageRecord | None
    is_passed: bool


def record_file(root: Path) -> Path:
    """Return where the last run of a project's plan is kept."""
    return root / ".journeys" / "plan" / "last-run.json"


def read_record(file: Path) -> PlanRecord | None:
    """Return what is kept of a run, or None where nothing is; raises `SetupError`."""
    try:
        record = decode_json(read_document(file), PlanRecord)
    except FileNotFoundError:
        return None
    except UnreadableDocument as error:
        raise SetupError(f"{file}: {error}: run the plan again") from error
    except OSError as error:
        raise error_from_system(error, f"{file} can't be read") from error
    if record["schema"] != SCHEMA:
        raise SetupError(f"{file}: schema {record['schema']} is not {SCHEMA}: run the plan again")
    return record


def tests_of_record(record: PlanRecord) -> list[RecordedTest]:
    """Return the tests that a run has recorded."""
    return [RecordedTest(**test) for test in record["tests"]]


def read_junit(file: Path, known: Collection[str]) -> list[RecordedTest]:
    """Return the tests of a JUnit file; their files are those of `known` that their classes are named after.

    Raises `SetupError` where it can't be read or is none.
    """
    try:
        content = read_document(file)
    except (UnreadableDocument, ValueError) as error:
        raise SetupError(f"{file}: {error}: name a JUnit file") from error
    except OSError as error:
        raise error_from_system(error, f"{file} can't be read") from error
    if b"<!DOCTYPE" in content[:MOST_BYTES]:
        raise SetupError(f"{file}: has a document type: a JUnit file has none")
    try:
        tree = ET.fromstring(content)  # noqa: S314 - no document type, so nothing expands
    except (ET.ParseError, ValueError, LookupError) as error:
        raise SetupError(f"{file} is no XML: {one_line(str(error))}: name a JUnit file") from error
    if tree.tag not in {"testsuites", "testsuite"}:
        raise SetupError(f"{file} has <{one_line(tree.tag)}>, no <testsuites>: name a JUnit file")
    return [_test_of(case, known) for case in tree.iter("testcase")]


def _test_of(case: ET.Element, known: Iterable[str]) -> RecordedTest:
    file, classes = _file_of(case.get("classname", "").split("."), known)
    outcome: Outcome = "passed"
    reason = ""
    for child in case:
        if child.tag in {"failure", "error", "skipped"}:
            outcomes: dict[str, Outcome] = {"failure": "failed", "error": "error", "skipped": "skipped"}
            outcome = outcomes[child.tag]
            outcome = "xfailed" if child.get("type") == "pytest.xfail" else outcome
            reason = one_line(child.get("message", ""))
    try:
        seconds = float(case.get("time", "0"))
    except ValueError:
        seconds = 0.0
    name = "::".join([file, *classes, case.get("name", "")])
    return RecordedTest(id=name, file=file, outcome=outcome, reason=reason, seconds=seconds)


def _file_of(parts: list[str], known: Iterable[str]) -> tuple[str, list[str]]:
    """Return the file that a dotted name begins with, and the classes that follow; if unknown, the name."""
    for count in range(len(parts), 0, -1):
        path = f"{'/'.join(parts[:count])}.py"
        file = next((each for each in known if f"/{each}".endswith(f"/{path}")), "")
        if file:
            return file, parts[count:]
    return ".".join(parts), []
