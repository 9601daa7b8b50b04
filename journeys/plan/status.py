"""How far a test plan is: which seams have files, which files have tests that ran, what nobody names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from journeys.plan.seams import MUST_BE_TESTED, Seam, SeamPlan, missing_files
from journeys.plan.sessions import CollectedTest, RecordedTest

_Test = TypeVar("_Test", bound=CollectedTest)

PATTERN = "test_*_integration.py"
"""The names of files that some seam has to name, in the folders of tests that seams name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamStatus:
    """How far a seam is: its tests there are, those that ran, and what is missing, in lines."""

    seam: Seam
    collected: int
    ran: int
    skipped: int
    problems: tuple[str, ...]

    @property
    def word(self) -> str:
        """What the table says of it."""
        if not self.seam.files and self.seam.priority not in MUST_BE_TESTED:
            return "not planned"
        if self.seam.priority not in MUST_BE_TESTED and self.ran + self.skipped < self.collected:
            return "not run"
        return "missing" if self.problems else "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStatus:
    """How far a plan is; `orphans` are files that no seam names."""

    seams: tuple[SeamStatus, ...]
    orphans: tuple[str, ...]
    skipped: tuple[RecordedTest, ...]
    problems: tuple[str, ...]
    """All that is missing, in lines that say where and what to do."""


def read_status(
    plan: SeamPlan,
    collected: Sequence[CollectedTest],
    ran: Sequence[RecordedTest],
    *,
    problems: Sequence[str] = (),
) -> PlanStatus:
    """Hold a plan against the tests that pytest collects now, and those that ran the last time.

    `problems` are what kept pytest from collecting.
    """
    seams = tuple(_status_of(plan, seam, collected, ran) for seam in plan.of({"P0", "P1", "P2"}))
    orphans = tuple(_orphans(plan))
    missing = [*problems, *(problem for each in seams for problem in each.problems)]
    missing += [f"{file} is named by no seam: give it a row in {plan.file}" for file in orphans]
    skipped = tuple(test for test in ran if test.outcome in {"skipped", "xfailed"})
    return PlanStatus(seams=seams, orphans=orphans, skipped=skipped, problems=tuple(missing))


def format_markdown(status: PlanStatus) -> str:
    """Return the progress as Markdown: a table of the seams, what is missing, what is skipped."""
    lines = [
        "| seam | priority | tests | ran | skipped | state |",
        "| --- | --- | ---: | ---: | ---: | --- |",
    ]
    lines += [
        f"| {each.seam.id} | {each.seam.priority} | {each.collected} | {each.ran} | {each.skipped} "
        f"| {each.word} |"
        for each in status.seams
    ]
    due = [each for each in status.seams if each.seam.priority in MUST_BE_TESTED]
    complete = [each for each in due if not each.problems]
    lines += ["", f"{len(complete)} of {len(due)} P0 and P1 seams are complete."]
    if status.problems:
        lines += ["", "Missing:", "", *(f"- {problem}" for problem in status.problems)]
    if status.skipped:
        lines += ["", "Skipped:", ""]
        lines += [f"- {test.id}: {test.reason or 'no reason was given'}" for test in status.skipped]
    return "\n".join(lines) + "\n"


def tests_of(seam: Seam, tests: Sequence[_Test]) -> list[_Test]:
    """Return those tests that are a seam's."""
    return [test for test in tests if any(_covers(planned, test) for planned in seam.tests)]


def _covers(planned: str, test: CollectedTest) -> bool:
    file, _, name = planned.partition("::")
    if test.file != file and not test.file.startswith(f"{file.rstrip('/')}/"):
        return False
    own = test.id.partition("::")[2]
    return not name or own == name or own.startswith((f"{name}[", f"{name}::"))


def _status_of(
    plan: SeamPlan, seam: Seam, collected: Sequence[CollectedTest], ran: Sequence[RecordedTest]
) -> SeamStatus:
    there, done = tests_of(seam, collected), tests_of(seam, ran)
    problems = [] if seam.priority not in MUST_BE_TESTED else list(_problems_of(plan, seam, there, done))
    return SeamStatus(
        seam=seam,
        collected=len(there),
        ran=sum(test.outcome not in {"skipped", "xfailed"} for test in done),
        skipped=sum(test.outcome in {"skipped", "xfailed"} for test in done),
        problems=tuple(problems),
    )


def _problems_of(
    plan: SeamPlan, seam: Seam, there: Sequence[CollectedTest], done: Sequence[RecordedTest]
) -> Iterator[str]:
    place = plan.place(seam)
    missing = missing_files(plan, [seam])
    yield from missing
    for contract in seam.contracts:
        if not _is_contract_there(plan.root, contract):
            yield f"{place}: the contract {contract} of {seam.id} is not there: write it, or mend its path"
    if missing:
        return
    if not there:
        yield f"{place}: {seam.id} has no tests in {', '.join(seam.tests)}: write one"
    elif not done:
        yield f"{place}: no test of {seam.id} has run: journeys plan run"
    elif all(test.outcome == "skipped" for test in done):
        yield f"{place}: all tests of {seam.id} were skipped: see why below"
    elif len(there) != len(done):
        yield f"{place}: {seam.id} has {len(there)} tests and {len(done)} ran: journeys plan run"
    failed = [test.id for test in done if test.is_failed]
    if failed:
        yield f"{place}: {len(failed)} of {len(done)} tests of {seam.id} failed, such as {failed[0]}"


def _is_contract_there(root: Path, contract: str) -> bool:
    if "/" in contract or contract.endswith((".py", ".pyi", ".md")):
        return (root / contract.partition("::")[0]).exists()
    parts = contract.split(".")
    # The last word may be what the module defines.
    for count in (len(parts), len(parts) - 1):
        path = root.joinpath(*parts[:count])
        files = [
            path.with_suffix(".py"),
            path.with_suffix(".pyi"),
            path / "__init__.py",
            path / "__init__.pyi",
        ]
        if count and any(file.is_file() for file in files):
            return True
    return bool(parts[0]) and not (root / parts[0]).exists() and _is_installed(parts[0])


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _orphans(plan: SeamPlan) -> Iterator[str]:
    named = {file for seam in plan.seams for file in seam.files}
    folders = {(plan.root / file).parent for file in named}
    for folder in sorted(folders):
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            path = file.relative_to(plan.root).as_posix()
            if fnmatch(file.name, PATTERN) and path not in named:
                yield path
