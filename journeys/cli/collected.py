"""The journeys of a project, as pytest collects them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Final

import pytest

from journeys.configuration import Configuration
from journeys.documents import one_line
from journeys.errors import SetupError
from journeys.journey import Journey, journey_of

ALREADY_IMPORTED: Final = "-Wignore:Module already imported:pytest.PytestAssertRewriteWarning"
"""For pytest, which would rewrite the plugin's assertions, and warns that this command has imported it."""


class _Collected:
    """A plugin that keeps what a session has collected, and what could not be."""

    def __init__(self) -> None:
        self.journeys: dict[str, Journey] = {}
        self.problem = ""

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.problem:
            reason = str(report.longrepr).strip().splitlines()[-1].removeprefix("E").strip()
            self.problem = f"{report.nodeid} can't be collected: {reason}"

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        self.problem = f"the journeys can't be collected: {excinfo.typename}: {excinfo.value}"
        return True

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            journey = journey_of(getattr(item, "obj", None))
            if journey is not None:
                self.journeys.setdefault(journey.id, journey)


def configured_paths(configuration: Configuration, named: Sequence[str] = ()) -> list[str]:
    """Return what is collected where no path is given: what a nightly job names, else the configuration."""
    return [str(configuration.root / path) for path in named or configuration.paths]


def require_paths(paths: Sequence[str]) -> None:
    """Raise `SetupError` where a configured path isn't there."""
    for path in paths:
        if not Path(path).exists():
            raise SetupError(f"{path} is not there: name what to run, or set [tool.journeys] paths")


def collect_journeys(configuration: Configuration, paths: Sequence[str]) -> list[Journey]:
    """Return the journeys of some files and folders, or of the configured ones: by priority, then by module.

    Raises `SetupError` where a file can't be collected, or a configured path isn't there.
    """
    if not paths:
        paths = configured_paths(configuration)
        require_paths(paths)
    collected = _Collected()
    # Nothing is run, so no session of ours has to begin, and no server to start.
    quiet = [ALREADY_IMPORTED, "--collect-only", "-p", "no:playwright", "-p", "no:randomly"]
    # Nor has pytest-asyncio any reason to ask in which loop fixtures would run.
    quiet.append("-oasyncio_default_fixture_loop_scope=session")
    # Its terminal stays, for a project's own options may be the terminal's; what it prints is of no use here.
    output = io.StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        code = pytest.main([*quiet, *paths], plugins=[collected])
    if collected.problem or code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        reasons = [line for line in output.getvalue().splitlines() if "error: " in line.lower()]
        reason = one_line(reasons[-1].strip()) if reasons else "run it to see why"
        raise SetupError(collected.problem or f"pytest can't collect {' '.join(paths)}: {reason}")
    return sorted(collected.journeys.values(), key=lambda one: (one.priority, one.module))
