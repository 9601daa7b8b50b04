"""A pytest plugin for the sessions of `journeys plan`: tests in a given order, and what becomes of each.

It is loaded by `-p journeys.plan.recorder`; the environment says where its settings are. A session runs in
one process and to its end, whatever the project's own options are: an order has no meaning else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any, TextIO

import pytest

from journeys.journey import journey_of
from journeys.plan.turns import Turns

SETTINGS = "JOURNEYS_PLAN_SESSION"
"""The environment variable with the path of the settings: `record`, `order` (or null), `output`, `turns`."""

_LONGEST_REASON = 200


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, object, object]:
    """Keep the session in this process, before xdist would share it out, and from ending early."""
    settings = json.loads(Path(os.environ.pop(SETTINGS)).read_text(encoding="utf-8"))
    whole: dict[str, object] = {"numprocesses": None, "dist": "no", "tx": [], "maxfail": 0}
    for option, value in whole.items():
        if hasattr(config.option, option):
            setattr(config.option, option, value)
    # Sessions run side by side, and each clears what is in its folder of results.
    if hasattr(config.option, "output"):
        config.option.output = settings["output"]
    with Path(settings["record"]).open("w", encoding="utf-8", buffering=1) as file:
        recorder = _Recorder(config, file, settings["order"], Turns(Path(settings["turns"])))
        config.pluginmanager.register(recorder, "journeys-plan-recorder")
        return (yield)


class _Recorder:
    """Writes a line of JSON for each thing that happens, at once: a process may end at any test."""

    def __init__(self, config: pytest.Config, file: TextIO, order: list[str] | None, turns: Turns) -> None:
        self._config = config
        self._file = file
        self._order = order
        self._turns = turns
        self._collected: list[pytest.Item] = []
        self._outcomes: dict[str, tuple[str, str, float]] = {}

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        self._collected.append(item)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, object, object]:
        """Put the tests into the given order, after everybody else has had their say."""
        result = yield
        if self._order is not None:
            known = {item.nodeid: item for item in items}
            chosen = [known[name] for name in self._order if name in known]
            self._config.hook.pytest_deselected(items=[each for each in items if each not in set(chosen)])
            items[:] = chosen
        return result

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        files = dict.fromkeys(self._path(item) for item in self._collected)
        self._write(
            "collected",
            rootdir=str(self._config.rootpath),
            inifile=str(self._config.inipath or ""),
            files=list(files),
            tests=[{"id": item.nodeid, "file": self._path(item)} for item in session.items],
        )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            reason = str(report.longrepr).strip().splitlines()[-1].removeprefix("E").strip()
            self._write("problem", line=f"{report.nodeid} can't be collected: {_shorten(reason)}")
        elif report.skipped:
            self._write("skipped", id=report.nodeid, reason=_skip_reason(report))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Have journeys run by themselves: they measure."""
        with self._turns.take(alone=journey_of(getattr(item, "obj", None)) is not None):
            return (yield)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._write("started", id=nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        outcome, reason, seconds = self._outcomes.get(report.nodeid, ("passed", "", 0.0))
        if report.failed:
            outcome, reason = ("failed" if report.when == "call" else "error"), _reason(report)
        elif hasattr(report, "wasxfail"):
            outcome, reason = ("xfailed" if report.skipped else "passed"), str(report.wasxfail)
        elif report.skipped:
            outcome, reason = "skipped", _skip_reason(report)
        self._outcomes[report.nodeid] = outcome, reason, seconds + report.duration

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        outcome, reason, seconds = self._outcomes.pop(nodeid, ("error", "nothing is known of it", 0.0))
        self._write("ended", id=nodeid, outcome=outcome, reason=reason, seconds=round(seconds, 4))

    def _path(self, item: pytest.Item) -> str:
        return str(item.path)

    def _write(self, kind: str, **fields: Any) -> None:
        self._file.write(json.dumps({"kind": kind, **fields}) + "\n")


def _reason(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    # A fixture that isn't there crashes nowhere.
    text = str(crash.message if crash else getattr(report.longrepr, "errorstring", report.longrepr or ""))
    return _shorten(text.strip().partition("\n")[0])


def _skip_reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    where = report.longrepr
    text = str(where[2] if isinstance(where, tuple) else where or "")
    return _shorten(text.strip().partition("\n")[0].removeprefix("Skipped: "))


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}…"
