"""Attempts at tests and where their evidence goes: registered in every session, whatever it is about.

pytest-rerunfailures, flaky and pytest-retry run the same item again; what an attempt has left on it would be
met by the next. All of them go through pytest's hook for setting up. And pytest-playwright, which comes with
this plugin, would remove the whole folder that `--output` names, and all that somebody has in it: fixtures
here take the place of its own.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from journeys.errors import JourneysError
from journeys.output import OutputFolder, list_run_files
from journeys.run import RunSpec

JUNIT = "junit.xml"
"""The name of pytest's own report in the results folder."""

JOURNAL = "journal.jsonl"
"""The name of a nightly run's journal in the results folder."""

REPORT = "report"
"""The name of the folder with the run's page."""


@dataclass
class Attempt:
    """One attempt at a test; `number` counts from 1, and `properties` are the test's own, from before any.

    `failed` says how its call ended, None where it has not or was cut short by Ctrl-C; `failure` is what it
    raised but for a skip. `is_reported` says that its record has gone with a report, or that there is none.
    """

    number: int
    properties: tuple[tuple[str, object], ...]
    failed: bool | None = None
    failure: BaseException | None = None
    is_reported: bool = False

    def end(self, failure: BaseException | None) -> None:
        """Keep how its call ended."""
        skipped = isinstance(failure, pytest.skip.Exception)
        self.failure = None if skipped else failure
        self.failed = self.failure is not None
        self.is_reported = skipped


ATTEMPT: pytest.StashKey[Attempt] = pytest.StashKey()
"""Where an item keeps the attempt that is being made, or was the last."""


def plays_tests(config: pytest.Config) -> bool:
    """Return whether a session is to run tests: some only list these, or what would be set up for them."""
    option = config.option
    return not (
        option.collectonly or option.setupplan or option.showfixtures or option.show_fixtures_per_test
    )


class ResultsFolder:
    """The folder that a session's results go into, with the list of what is written there."""

    def __init__(self, config: pytest.Config, spec: RunSpec) -> None:
        self.spec = spec
        self.path = spec.results
        self._config = config
        self._is_worker = hasattr(config, "workerinput")
        self._is_open = False

    @cached_property
    def output(self) -> OutputFolder:
        """The folder itself."""
        return OutputFolder(self.path, earlier=list_run_files)

    def claim_junit(self) -> None:
        """Have pytest write junit.xml here, unless it has another."""
        option = self._config.option
        if not option.xmlpath and not self._is_worker and plays_tests(self._config):
            self.output.claim(JUNIT)
            option.xmlpath = str(self.path / JUNIT)

    def open(self) -> None:
        """Make the folder ready, once: what earlier sessions wrote there goes, nothing else.

        Ends the session, with the exit code the failure calls for, where that can't be done.
        """
        if self._is_worker or self._is_open:
            return
        self._is_open = True
        files = ["journeys.json", REPORT] + [JUNIT] * (self._config.option.xmlpath == str(self.path / JUNIT))
        files += ["measure.json", "measure.html"] * (self.spec.options.repeat is not None)
        try:
            self.output.clear()
            self.output.claim(*files)
            self.output.claim_free("screens", *([JOURNAL, "servers"] if self.spec.nightly else []))
        except JourneysError as error:
            pytest.exit(str(error), returncode=error.exit_code)


RESULTS: pytest.StashKey[ResultsFolder] = pytest.StashKey()
"""Where a session keeps its results folder."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin an attempt, with the properties from before the first one."""
    last = item.stash.get(ATTEMPT, None)
    if last is None:
        item.stash[ATTEMPT] = Attempt(1, tuple(item.user_properties))
        return
    item.stash[ATTEMPT] = Attempt(last.number + 1, last.properties)
    item.user_properties[:] = last.properties


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Keep what an attempt raises; not every plugin that tries again has a report made of it."""
    try:
        result = yield
    except (KeyboardInterrupt, pytest.exit.Exception):
        raise
    except BaseException as failure:
        item.stash[ATTEMPT].end(failure)
        raise
    item.stash[ATTEMPT].end(None)
    return result


@pytest.fixture(scope="session", autouse=True)
def delete_output_dir(request: pytest.FixtureRequest) -> None:
    """Clear the results folder of what earlier sessions wrote, once for each session that will fill it.

    Not once for each of pytest-xdist's workers, who would clear away each other's; and not for unit tests,
    which would clear away the last journeys' results.
    """
    if any("browser_name" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.config.stash[RESULTS].open()


@pytest.fixture
def output_path(output_path: str, request: pytest.FixtureRequest) -> str:
    """Return the folder for an attempt's evidence, which is on the list of what the next session clears."""
    attempt = request.node.stash[ATTEMPT].number
    retry = f"-retry{attempt - 1}"
    # pytest-playwright knows of pytest-rerunfailures only.
    path = output_path if attempt == 1 or output_path.endswith(retry) else output_path + retry
    # Whoever writes there will say that this can't be done.
    with suppress(JourneysError):
        request.config.stash[RESULTS].output.claim_free(Path(path).name)
    return path


@pytest.fixture(scope="session")
def _pw_artifacts_folder(pytestconfig: pytest.Config) -> tempfile.TemporaryDirectory[str]:
    """Have pytest-playwright keep what it has not yet put in its place among the results.

    A session that is killed leaves it there, on the list of what the next one clears.
    """
    output = pytestconfig.stash[RESULTS].output
    name = f"unfinished-{secrets.token_hex(4)}"
    output.claim_free(name)
    (output.path / name).mkdir()
    folder = tempfile.TemporaryDirectory(dir=output.path / name, ignore_cleanup_errors=True)

    def remove() -> None:
        folder.cleanup()
        with suppress(OSError):
            (output.path / name).rmdir()

    # Once the last test's evidence has been taken out of it, which is after all fixtures' end.
    pytestconfig.add_cleanup(remove)
    return folder
