"""Runs a test plan: its seams in batches, then all together, in the files' order and in a random one."""

from __future__ import annotations

import asyncio
import shlex
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flutter_bridge import temporary_folder
from journeys.documents import UnreadableDocument, decode_json, read_document
from journeys.errors import SetupError
from journeys.plan.records import SCHEMA, CoverageRecord, PlanRecord, SessionRecord, TestRecord
from journeys.plan.seams import Seam, SeamPlan
from journeys.plan.sessions import PytestRunner, Session, require_plugin
from journeys.timeline import format_count, format_duration

_MOST_NAMES = 3


async def run_plan(
    plan: SeamPlan,
    seams: Sequence[Seam],
    runner: PytestRunner,
    *,
    batch: int,
    seed: int,
    coverage: str | None = None,
    junit: str | None = None,
    say: Callable[[str], None],
) -> PlanRecord:
    """Run some seams of a plan and return what came of it.

    `batch` of them run side by side, each in a process of its own, in which journeys wait until they have the
    machine to themselves; then that batch in one process, in the
    files' order and in that of the seed. At the end all run in both orders, once with the coverage of a
    package and a JUnit file. Raises `JourneysError` where pytest can't run them.
    """
    require_plugin("pytest_randomly", "a random order")
    if coverage is not None:
        require_plugin("pytest_cov", "--coverage")
    began, started_at = time.monotonic(), datetime.now(UTC)
    suite = _Suite(runner, seed, say)
    batches = [seams[at : at + batch] for at in range(0, len(seams), batch)]
    for number, chosen in enumerate(batches, start=1):
        say(f"batch {number} of {len(batches)}: {', '.join(seam.id for seam in chosen)}")
        await suite.run_side_by_side(chosen)
        # What is one batch in all is run together at the end, and what is one seam has just been run.
        if len(batches) > 1 and len(chosen) > 1:
            await suite.run_together(f"batch {number}", chosen)
    say(f"whole suite: {format_count(len(seams), 'seam')}")
    with temporary_folder("plan-coverage") as folder:
        words = [] if junit is None else [f"--junitxml={junit}"]
        report = folder / "coverage.json"
        if coverage is not None:
            words += ["-p", "pytest_cov", f"--cov={coverage}", "--cov-report=", f"--cov-report=json:{report}"]
        whole = await suite.run_together("whole suite", seams, words)
        covered = None if coverage is None else _read_coverage(coverage, report, whole)
    together, in_random_order = suite.only_together(), suite.only_random()
    differences = suite.count_differences()
    return PlanRecord(
        schema=SCHEMA,
        plan=plan.file,
        started_at=started_at.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - began, 1),
        seed=seed,
        priorities=sorted({seam.priority for seam in seams}),
        seams=[
            {
                "id": seam.id,
                "priority": seam.priority,
                "tests": len(suite.alone[seam.id].tests),
                "seconds": round(suite.alone[seam.id].seconds, 1),
            }
            for seam in seams
        ],
        sessions=[_record_of(each) for each in suite.sessions],
        tests=[
            TestRecord(
                id=test.id, file=test.file, outcome=test.outcome, reason=test.reason, seconds=test.seconds
            )
            for test in whole.tests
        ],
        only_together=together,
        only_random=in_random_order,
        bisect=list(suite.bisect_commands({*together, *in_random_order})),
        count_differences=differences,
        coverage=covered,
        is_passed=not differences and all(session.is_passed for session in suite.sessions),
    )


@dataclass(slots=True)
class _Suite:
    """The sessions so far; `alone` has those of seams by themselves, `together` those of several."""

    runner: PytestRunner
    seed: int
    say: Callable[[str], None]
    alone: dict[str, Session] = field(default_factory=dict)
    together: list[tuple[Session, Sequence[Seam]]] = field(default_factory=list)

    @property
    def sessions(self) -> list[Session]:
        """All sessions: those of seams first."""
        return [*self.alone.values(), *(session for session, _ in self.together)]

    async def run_side_by_side(self, seams: Sequence[Seam]) -> None:
        """Run seams at the same time, each in a process of its own; all have ended when this ends."""

        async def run(seam: Seam) -> Session:
            session = await self.runner.run(seam.id, seam.tests)
            self._report(seam.id, session)
            return session

        try:
            async with asyncio.TaskGroup() as group:
                tasks = {seam.id: group.create_task(run(seam)) for seam in seams}
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from errors
        self.alone |= {name: task.result() for name, task in tasks.items()}

    async def run_together(self, label: str, seams: Sequence[Seam], words: Sequence[str] = ()) -> Session:
        """Run seams in one process, in the files' order, which is returned, and in the random one."""
        paths = _paths_of(seams)
        slug = label.replace(" ", "-")
        fixed = await self.runner.run(slug, paths, words=words)
        self._report(f"{label}, files' order", fixed)
        shuffled = await self.runner.run(f"{slug}-random", paths, seed=self.seed)
        self._report(f"{label}, random order (seed {self.seed})", shuffled)
        self.together += [(fixed, seams), (shuffled, seams)]
        return fixed

    def only_together(self) -> list[str]:
        """Return the tests that fail beside others, in the files' order, and not in their seam alone."""
        alone = _failed(self.alone.values())
        return sorted(_failed(each for each, _ in self.together if each.seed is None) - alone)

    def only_random(self) -> list[str]:
        """Return the tests that fail in random order only."""
        fixed = _failed(session for session in self.sessions if session.seed is None)
        return sorted(_failed(each for each, _ in self.together if each.seed is not None) - fixed)

    def bisect_commands(self, tests: set[str]) -> Iterator[str]:
        """Yield the commands that find what breaks some tests: by the first sessions they fail in."""
        left = set(tests)
        for session, seams in self.together:
            here = left & _failed([session])
            if here:
                order = [] if session.seed is None else ["--seed", str(session.seed)]
                yield shlex.join(["journeys", "plan", "bisect", *order, *_paths_of(seams)])
            left -= here

    def count_differences(self) -> list[str]:
        """Return a line for each session in which other tests ran than in the seams by themselves."""
        lines = []
        for session, seams in self.together:
            expected = {test.id for seam in seams for test in self.alone[seam.id].tests}
            found = {test.id for test in session.tests}
            where = session.label if session.seed is None else f"{session.label} (seed {session.seed})"
            for names, what in (
                (expected - found, "did not run there"),
                (found - expected, "ran only there"),
            ):
                if names:
                    lines.append(f"{where}: {format_count(len(names), 'test')} {what}: {_some(names)}")
            if len(session.tests) != len(found):
                lines.append(f"{where}: {len(session.tests) - len(found)} tests ran twice")
        return lines

    def _report(self, label: str, session: Session) -> None:
        self.say(f"  {label}: {_format_outcomes(session)} in {format_duration(session.seconds)}")
        for problem in session.problems:
            self.say(f"    {problem}")
        for test in session.failures:
            self.say(f"    {test.outcome} {test.id}{f': {test.reason}' if test.reason else ''}")
        if session.failures:
            self.say(f"    log: {session.log}")


def format_run(record: PlanRecord) -> Iterator[str]:
    """Yield the lines that sum a run up: what was skipped, what depends on the order, counts, coverage."""
    skipped = [test for test in record["tests"] if test["outcome"] in {"skipped", "xfailed"}]
    if skipped:
        yield f"skipped: {len(skipped)}"
        for test in skipped:
            yield f"  {test['id']}: {test['reason'] or 'no reason was given'}"
    for names, what in (
        (record["only_together"], "fails beside other seams only"),
        (record["only_random"], f"fails in random order only (seed {record['seed']})"),
    ):
        for name in names:
            yield f"{what}: {name}"
    for command in record["bisect"]:
        yield f"find what breaks it: {command}"
    for line in record["count_differences"]:
        yield f"counts differ: {line}"
    if not record["count_differences"]:
        yield f"counts match: the same {format_count(len(record['tests']), 'test')} ran in every order"
    if (coverage := record["coverage"]) is not None:
        yield (
            f"coverage of {coverage['package']}: {coverage['percent']:.1f} % "
            f"({coverage['covered']:,} of {coverage['lines']:,} lines)"
        )
    yield (
        f"{'passed' if record['is_passed'] else 'failed'}: {format_count(len(record['seams']), 'seam')} in "
        f"{format_duration(record['seconds'])}, seed {record['seed']}"
    )


def _paths_of(seams: Iterable[Seam]) -> list[str]:
    tests = dict.fromkeys(test for seam in seams for test in seam.tests)
    # A file that is whole in there has all its tests already.
    return [test for test in tests if "::" not in test or test.partition("::")[0] not in tests]


def _failed(sessions: Iterable[Session]) -> set[str]:
    return {test.id for session in sessions for test in session.failures}


def _some(names: Iterable[str]) -> str:
    ordered = sorted(names)
    more = f" and {len(ordered) - _MOST_NAMES} more" if len(ordered) > _MOST_NAMES else ""
    return f"{', '.join(ordered[:_MOST_NAMES])}{more}"


def _counts(session: Session) -> Counter[str]:
    counts = Counter[str](test.outcome for test in session.tests)
    return Counter(
        passed=counts["passed"],
        failed=counts["failed"] + counts["error"],
        skipped=counts["skipped"] + counts["xfailed"],
    )


def _format_outcomes(session: Session) -> str:
    words = [f"{count} {outcome}" for outcome, count in _counts(session).items() if count]
    return ", ".join(words) or "no tests ran"


def _record_of(session: Session) -> SessionRecord:
    counts = _counts(session)
    return SessionRecord(
        label=session.label,
        seed=session.seed,
        seconds=round(session.seconds, 1),
        passed=counts["passed"],
        failed=counts["failed"],
        skipped=counts["skipped"],
        problems=list(session.problems),
    )


def _read_coverage(package: str, report: Path, session: Session) -> CoverageRecord:
    try:
        totals: dict[str, Any] = decode_json(read_document(report), dict[str, Any])["totals"]
        return CoverageRecord(
            package=package,
            percent=round(float(totals["percent_covered"]), 1),
            covered=int(totals["covered_lines"]),
            lines=int(totals["num_statements"]),
        )
    except (OSError, UnreadableDocument, KeyError, TypeError, ValueError):
        raise SetupError(
            f"--coverage {package}: nothing of it was run: name a package that the tests import "
            f"(log: {session.log})"
        ) from None
