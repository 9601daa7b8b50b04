"""A journey that a busy machine spoiled is played once more, when it is quieter, and everyone is told.

Nothing was found out about the app then, so nothing is tried away: what is late for certain has failed, and a
second time too busy is the session's outcome. A nightly run plays again by itself what it has to.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from journeys.failures import first_cause
from journeys.propagation import MachineTooBusy, wait_for_quiet
from journeys.pytest_plugin.attempts import ATTEMPT
from journeys.pytest_plugin.collection import WHY_AGAIN
from journeys.pytest_plugin.session import SESSION

_AGAIN = "rerun"
"""The outcome of a report on an attempt that another one follows, as plugins that try again call it."""


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Have an attempt that is followed by another one not count as failed."""
    report = yield
    if call.when == "call" and report.failed and call.excinfo is not None:
        cause = first_cause(call.excinfo.value)
        if isinstance(cause, MachineTooBusy) and _may_replay(item):
            item.stash[WHY_AGAIN] = str(cause)
            report.outcome = _AGAIN  # type: ignore[assignment]  # an outcome of plugins, not of pytest's own
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    """Play again what has to be, once everything of the first attempt is closed."""
    result = yield
    if WHY_AGAIN in item.stash:
        wait_for_quiet()
        item._initrequest()  # type: ignore[attr-defined]  # fixtures anew, as plugins that try again have them
        runtestprotocol(item, nextitem=nextitem, log=True)
        del item.stash[WHY_AGAIN]
    return result


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Print what is played again as pytest-rerunfailures would."""
    return (_AGAIN, "R", "RERUN") if report.outcome == _AGAIN else None


def _may_replay(item: pytest.Item) -> bool:
    spec = item.config.stash[SESSION].spec
    is_first = WHY_AGAIN not in item.stash and item.stash[ATTEMPT].number == 1
    return is_first and spec.nightly is None and spec.options.repeat is None
