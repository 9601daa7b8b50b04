"""Runs pytest in a process of its own, with given tests in a given order, and returns what became of each."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal

from flutter_bridge import temporary_folder
from journeys.documents import one_line
from journeys.errors import SetupError, UsageError
from journeys.plan.recorder import SETTINGS

Outcome = Literal["passed", "failed", "error", "skipped", "xfailed"]

GRACE_S: Final = 10.0
"""How long pytest is given to end after an interrupt: fixtures may have servers to stop."""

_PYTEST_USAGE, _PYTEST_NOTHING = 4, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedTest:
    """A test that pytest has found; `file` is relative to the project's root."""

    id: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTest(CollectedTest):
    """What became of one test; `reason` is of one line."""

    outcome: Outcome
    reason: str = ""
    seconds: float = 0.0

    @property
    def is_failed(self) -> bool:
        """Whether it failed, in its fixtures or itself."""
        return self.outcome in {"failed", "error"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One run of pytest: the tests in the order they ran, and what went wrong besides, in lines."""

    label: str
    seed: int | None
    code: int
    seconds: float
    tests: tuple[RecordedTest, ...]
    problems: tuple[str, ...]
    collected: tuple[CollectedTest, ...]
    """The tests that were to run."""
    files: tuple[str, ...]
    """The files that were collected, in that order, relative to the project's root."""
    rootdir: str
    inifile: str
    log: Path

    @property
    def failures(self) -> tuple[RecordedTest, ...]:
        """The tests that failed."""
        return tuple(test for test in self.tests if test.is_failed)

    @property
    def is_passed(self) -> bool:
        """Whether nothing failed, and nothing else was wrong."""
        return not self.failures and not self.problems


@dataclass(frozen=True, slots=True, kw_only=True)
class PytestRunner:
    """How pytest is run for a project: `root` is where, `logs` has what it prints, `more` are more words."""

    root: Path
    logs: Path
    more: tuple[str, ...] = ()

    async def run(
        self,
        label: str,
        paths: Sequence[str],
        *,
        seed: int | None = None,
        order: Sequence[str] | None = None,
        words: Sequence[str] = (),
    ) -> Session:
        """Run the tests of some paths: in the files' order, in the random one of a seed, or in that of ids.

        With ids, only those run, and the seed has only the tests' own random numbers repeat. Whatever ends
        this ends pytest and all that it has started. Raises `UsageError` where pytest refuses its options.
        """
        if seed is not None:
            require_plugin("pytest_randomly", "a random order")
        log = self.logs / f"{label}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder("plan") as folder:
            record = folder / "record.jsonl"
            settings = {
                "record": str(record),
                "order": order,
                "output": str(self.logs / f"{label}-output"),
                "turns": str(self.logs),
            }
            (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
            # By a file: an order may be longer than a command line can be.
            (folder / "paths").write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
            command = [
                *(sys.executable, "-m", "pytest", "-p", "journeys.plan.recorder", "-q", "--color=no"),
                *_order_words(seed, is_given=order is not None),
                *self.more,
                *words,
                f"@{folder / 'paths'}",
            ]
            began = time.monotonic()
            with log.open("wb") as output:
                code = await self._run_process(command, output.fileno(), folder / "settings.json")
            seconds = time.monotonic() - began
            if code == _PYTEST_USAGE:
                raise UsageError(f"pytest can't run {' '.join(paths)}: {_last_error(log)} (log: {log})")
            lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
        return self._session(label, seed, code, seconds, [json.loads(line) for line in lines], log)

    async def collect(self, paths: Sequence[str]) -> Session:
        """Return what pytest finds in some paths; none of it runs."""
        return await self.run("collection", paths, words=["--collect-only"])

    async def _run_process(self, command: Sequence[str], output: int, settings: Path) -> int:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=self.root,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, SETTINGS: str(settings)},
            start_new_session=True,
        )
        try:
            return await process.wait()
        finally:
            if process.returncode is None:
                _signal(process.pid, signal.SIGINT)
                with suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), GRACE_S)
            # Also what it has left behind, for the next session would meet it.
            _signal(process.pid, signal.SIGKILL)
            await process.wait()

    def _session(
        self, label: str, seed: int | None, code: int, seconds: float, events: list[dict[str, Any]], log: Path
    ) -> Session:
        collected = next((event for event in events if event["kind"] == "collected"), None) or {
            "tests": [],
            "files": [],
            "rootdir": "",
            "inifile": "",
        }
        to_run = [
            CollectedTest(id=each["id"], file=self._relative(each["file"])) for each in collected["tests"]
        ]
        file_of = {test.id: test.file for test in to_run}
        tests, begun, problems = [], "", []
        for event in events:
            kind = event.pop("kind")
            if kind == "problem":
                problems.append(event["line"])
            elif kind == "started":
                begun = event["id"]
            elif kind == "skipped":  # a whole file, before its tests are known
                tests.append(RecordedTest(**event, file=event["id"], outcome="skipped"))
            elif kind == "ended":
                begun = ""
                tests.append(RecordedTest(**event, file=file_of.get(event["id"], "")))
        if begun:
            problems.append(f"pytest ended in the middle of {begun} (exit code {code}; log: {log})")
        elif code == _PYTEST_NOTHING and not tests:
            problems.append("no tests were found")
        elif code not in {0, _PYTEST_NOTHING} and not problems and not any(test.is_failed for test in tests):
            problems.append(f"pytest ended with exit code {code}: {_last_error(log)} (log: {log})")
        return Session(
            label=label,
            seed=seed,
            code=code,
            seconds=seconds,
            tests=tuple(tests),
            problems=tuple(problems),
            collected=tuple(to_run),
            files=tuple(map(self._relative, collected["files"])),
            rootdir=collected["rootdir"],
            inifile=collected["inifile"],
            log=log,
        )

    def _relative(self, file: str) -> str:
        path = Path(file)
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else file


def require_plugin(module: str, what: str) -> None:
    """Raise `SetupError` where a plugin of pytest's that something needs isn't installed."""
    if find_spec(module) is None:
        name = module.replace("_", "-")
        raise SetupError(f"{what} needs {name}: pip install {name} (or 'journeys[plan]')")


def _order_words(seed: int | None, *, is_given: bool) -> list[str]:
    if seed is None:
        return ["-p", "no:randomly"]
    words = ["-p", "randomly", f"--randomly-seed={seed}"]
    return [*words, "--randomly-dont-reorganize"] if is_given else words


def _last_error(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    lines = [line for line in lines if line]
    errors = [line for line in lines if line.lower().startswith(("error", "journeys: error"))]
    return one_line((errors or lines or ["it said nothing"])[-1])


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
