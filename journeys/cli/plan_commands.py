"""What the commands of `journeys plan` do."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from journeys.cli.collected import collect_journeys
from journeys.cli.conventions import FAILED, PASSED
from journeys.configuration import Configuration, read_configuration
from journeys.documents import UnreadableDocument, read_document, write_atomically
from journeys.errors import UsageError, error_from_system
from journeys.plan import (
    MUST_BE_TESTED,
    Bisection,
    Finding,
    PlanStatus,
    PytestRunner,
    RecordedTest,
    Seam,
    SeamPlan,
    UnsoundPlan,
    bisect,
    differences,
    format_markdown,
    format_run,
    format_scenarios,
    missing_files,
    read_junit,
    read_plan,
    read_record,
    read_status,
    record_file,
    run_plan,
    tests_of_record,
)
from journeys.timeline import format_count


def _status(arguments: argparse.Namespace) -> int:
    configuration = read_configuration(Path.cwd())
    plan = _read_plan(arguments, configuration)
    files = [file for seam in plan.seams for file in seam.files]
    if arguments.junit is not None:
        ran = read_junit(arguments.junit, files)
    else:
        record = read_record(record_file(plan.root))
        ran = [] if record is None else tests_of_record(record)
    tests = [
        test for seam in plan.seams for test in seam.tests if (plan.root / test.partition("::")[0]).exists()
    ]
    status = asyncio.run(_read_status(plan, _runner(configuration), tests, ran))
    if arguments.json:
        print(json.dumps(_status_document(status), indent=2, ensure_ascii=False))
    elif arguments.markdown:
        print(format_markdown(status), end="")
    else:
        _print_status(status)
    return FAILED if status.problems else PASSED


def _run(arguments: argparse.Namespace) -> int:
    configuration = read_configuration(Path.cwd())
    plan = _read_plan(arguments, configuration)
    seams = _seams_to_run(plan, arguments.priority)
    seed = secrets.randbelow(2**32) if arguments.seed is None else arguments.seed
    record = asyncio.run(
        run_plan(
            plan,
            seams,
            _runner(configuration, arguments.more),
            batch=arguments.batch,
            seed=seed,
            coverage=arguments.coverage,
            junit=None if arguments.junit is None else str(arguments.junit.absolute()),
            say=_say,
        )
    )
    document = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    for file in (record_file(plan.root), *([] if arguments.json is None else [arguments.json])):
        with _naming(file):
            write_atomically(file, document)
    for line in format_run(record):
        _say(line)
    return PASSED if record["is_passed"] else FAILED


def _bisect(arguments: argparse.Namespace) -> int:
    configuration = read_configuration(Path.cwd())
    if arguments.paths:
        paths = [os.path.relpath(Path(path).absolute(), configuration.root) for path in arguments.paths]
    else:
        seams = _seams_to_run(_read_plan(arguments, configuration), MUST_BE_TESTED)
        paths = list(dict.fromkeys(file for seam in seams for file in seam.files))
    found = asyncio.run(
        bisect(
            _runner(configuration, arguments.more),
            paths,
            seed=arguments.seed,
            victim=arguments.victim,
            say=_complain if arguments.json else _say,
        )
    )
    if arguments.json:
        print(json.dumps({"schema": 1, **asdict(found)}, indent=2, ensure_ascii=False))
    else:
        for line in _describe(found):
            _say(line)
    return FAILED if found.findings else PASSED


def _scenarios(arguments: argparse.Namespace) -> int:
    configuration = read_configuration(Path.cwd())
    journeys = collect_journeys(configuration, arguments.path)
    has_plan = arguments.plan is not None or (configuration.root / configuration.plan).exists()
    seams = [seam.id for seam in _read_plan(arguments, configuration).seams] if has_plan else None
    wanted, file = format_scenarios(journeys, seams=seams), arguments.output
    if not arguments.check:
        with _naming(file):
            write_atomically(file, wanted)
        _say(f"written: {file}, with {format_count(len(journeys), 'scenario')}")
        return PASSED
    page = _read_page(file)
    for name in differences(page, wanted):
        _say(f"{file} differs: {name or 'its head and table'}")
    if page == wanted:
        _say(f"{file} is what {format_count(len(journeys), 'journey')} say")
        return PASSED
    _say("write it anew: journeys plan scenarios")
    return FAILED


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "status": _status,
    "run": _run,
    "bisect": _bisect,
    "scenarios": _scenarios,
}
"""What does what was asked for, by the command's name."""


async def _read_status(
    plan: SeamPlan, runner: PytestRunner, tests: Sequence[str], ran: Sequence[RecordedTest]
) -> PlanStatus:
    if not tests:
        return read_status(plan, [], ran)
    session = await runner.collect(list(dict.fromkeys(tests)))
    return read_status(plan, session.collected, ran, problems=session.problems)


def _read_plan(arguments: argparse.Namespace, configuration: Configuration) -> SeamPlan:
    file = configuration.plan
    if arguments.plan is not None:
        # As somebody named it who stands in another folder.
        file = os.path.relpath(arguments.plan.absolute(), configuration.root)
    return read_plan(file, configuration.root)


def _seams_to_run(plan: SeamPlan, priorities: tuple[str, ...]) -> list[Seam]:
    seams = plan.of(priorities)
    if missing := missing_files(
        plan, [seam for seam in seams if seam.tests or seam.priority in MUST_BE_TESTED]
    ):
        raise UnsoundPlan(missing)
    seams = [seam for seam in seams if seam.tests]
    if not seams:
        raise UsageError(f"{plan.file} names no test of {', '.join(priorities)}: choose others by --priority")
    return seams


def _read_page(file: Path) -> str:
    try:
        return read_document(file).decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    except (UnreadableDocument, ValueError) as error:
        raise UsageError(f"--output {file}: {error}") from error
    except OSError as error:
        raise error_from_system(error, f"--output {file} can't be read") from error


def _runner(configuration: Configuration, more: Sequence[str] = ()) -> PytestRunner:
    logs = record_file(configuration.root).parent / "logs"
    return PytestRunner(root=configuration.root, logs=logs, more=tuple(more))


def _print_status(status: PlanStatus) -> None:
    width = max(len(each.seam.id) for each in status.seams)
    for each in status.seams:
        count = f"{each.ran} of {format_count(each.collected, 'test')} ran"
        skipped = f", {each.skipped} skipped" if each.skipped else ""
        print(f"{each.seam.priority}  {each.seam.id:{width}}  {each.word:11}  {count}{skipped}")
    for test in status.skipped:
        print(f"skipped: {test.id}: {test.reason or 'no reason was given'}")
    for problem in status.problems:
        print(f"missing: {problem}")
    due = [each for each in status.seams if each.seam.priority in MUST_BE_TESTED]
    complete = sum(not each.problems for each in due)
    print(f"{complete} of {len(due)} P0 and P1 seams are complete")


def _status_document(status: PlanStatus) -> dict[str, object]:
    return {
        "schema": 1,
        "seams": [
            {
                "id": each.seam.id,
                "priority": each.seam.priority,
                "tests": each.seam.tests,
                "collected": each.collected,
                "ran": each.ran,
                "skipped": each.skipped,
                "state": each.word,
                "problems": each.problems,
            }
            for each in status.seams
        ],
        "orphans": status.orphans,
        "skipped": [{"id": test.id, "reason": test.reason} for test in status.skipped],
        "problems": status.problems,
        "is_complete": not status.problems,
    }


def _describe(found: Bisection) -> Iterator[str]:
    order = "the files' order" if found.seed is None else f"the order of seed {found.seed}"
    if not found.findings:
        yield f"nothing fails in {order} of {format_count(found.tests, 'test')}"
    for each in found.findings:
        yield _describe_finding(each)
        yield from (f"    {name}" for name in each.by)
    for name in found.unseen:
        yield f"{name} fails, too: look into it by --victim"
    yield f"{format_count(found.runs, 'run')} of pytest, for {format_count(found.tests, 'test')} in {order}"


def _describe_finding(found: Finding) -> str:
    match found.cause:
        case "tests" if len(found.by) == 1:
            return f"{found.victim} fails after this test, and passes without it:"
        case "tests":
            return (
                f"{found.victim} fails after all of these {len(found.by)} tests, and passes without any one:"
            )
        case "import":
            return f"{found.victim} fails where this is imported, whether its tests run or not:"
        case "itself":
            return f"{found.victim} fails alone: no other test breaks it"
        case _:
            return f"{found.victim} failed once, and passes after the same tests now: look for time or chance"


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise error_from_system(error, f"{file} can't be written") from error


def _say(line: str) -> None:
    print(line, flush=True)


def _complain(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
