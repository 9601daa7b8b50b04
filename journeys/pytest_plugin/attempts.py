"""Each attempt at a test begins with nothing of the last one's, whichever plugin has it tried again.

pytest-rerunfailures, flaky and pytest-retry run the same item again; what an attempt has left on it would be
met by the next. All of them go through pytest's hook for setting up.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import pytest

from journeys.pytest_plugin.session import SESSION
from journeys.timeline import ScreenCompared, Timeline

TIMELINE: pytest.StashKey[Timeline] = pytest.StashKey()
"""Where an item that may be a journey keeps its attempt's timeline."""


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


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin an attempt: with a timeline of its own, and the properties from before the first one."""
    last = item.stash.get(ATTEMPT, None)
    if last is None:
        item.stash[ATTEMPT] = Attempt(1, tuple(item.user_properties))
        return
    item.stash[ATTEMPT] = Attempt(last.number + 1, last.properties)
    item.user_properties[:] = last.properties
    item.config.stash[SESSION].devices_used.clear()
    if TIMELINE in item.stash:
        _forget_screens(item)
        item.stash[TIMELINE] = Timeline()


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


def _forget_screens(item: pytest.Item) -> None:
    """Take what the last attempt compared out of the run's record of screens; its pictures stay."""
    compared = item.stash[TIMELINE].of(ScreenCompared)
    if not compared:
        return
    from journeys.snapshots import forget_entry  # noqa: PLC0415 - most journeys compare none

    results = item.config.stash[SESSION].screens.results
    for event in compared:
        if event.folder.parent == results:
            forget_entry(event.folder)
