"""`journeys load`: what it refuses, and a run that is stepped up until the server gives in."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeys.cli import main
from journeys.load import Activity, LoadOptions, VirtualUser, Workload, run_load
from tests.journeys.load.conftest import Site

WORKLOAD = """
from journeys.load import Activity, Workload
async def look(user): ...
workload = Workload(activities=(Activity(run=look, weight=1),))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text('[tool.journeys]\nallow_hosts = ["load.example"]\n')
    (tmp_path / "traffic.py").write_text(WORKLOAD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("--url http://shop.example", "name shop.example in allow_hosts of [tool.journeys]"),
        ("--url shop", "--url 'shop' is no address of a server"),
        ("", "nothing to put load on: give --url, or name servers in [tool.journeys.servers]"),
        ("--people 0", "--people 0: from 1 to 10000"),
        ("--minutes 0", "--minutes 0: from 0.05 to 1440"),
        ("--minutes nan", "--minutes nan: from 0.05 to 1440"),
        ("--joining 0", "--joining 0: from 0.1 to 1000"),
        ("--watchers 33", "--watchers 33: from 0 to 32"),
        ("--people 3 --steps 4", "--steps 4: no more than people (3)"),
        ("--steps 2 --soak", "--soak holds one number of people: leave out --steps"),
        ("--update-baseline", "--update-baseline needs --baseline FILE"),
        ("--url http://127.0.0.1:1 --baseline none.json", "write one with --update-baseline"),
        ("--app-url http://127.0.0.1:1", "--app-url needs --url"),
        ("--url http://127.0.0.1:1 --watch some", "--watch and --watchers need --app-url"),
        ("--url http://127.0.0.1:1 --app-url http://127.0.0.1:2 --watchers 1", "needs --watch JOURNEY"),
    ],
)
def test_what_can_not_be_done_is_refused_in_one_line(
    words: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(["load", "--scenario", "traffic.py", *words.split()])
    except SystemExit as ended:
        code = int(str(ended.code))
    error = capsys.readouterr().err
    assert code == 2
    assert complaint in error
    assert error.count("\n") == 1


async def test_a_crowd_is_stepped_up_until_it_is_not_held(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However busy this machine is: the engine's own lateness is another test's.
    monkeypatch.setattr("journeys.load.results.LATE_S", float("inf"))
    site.most = 5

    async def enter(user: VirtualUser) -> None:
        await user.request("GET", "/enter")

    async def look(user: VirtualUser) -> None:
        await user.request("GET", "/look")

    workload = Workload(
        enter=enter, activities=(Activity(run=look, weight=1),), think_s=(0.01, 0.02), gauges=None
    )
    options = LoadOptions(
        scenario="test", workload=workload, url=site.url, app_url=None, people=8, steps=4, seconds=0.5,
        joining_per_second=1000, watch=None, watchers=None, output=tmp_path, root=tmp_path,
    )  # fmt: skip
    lines: list[str] = []
    result = await run_load(options, say=lines.append)
    assert [(step.people, step.verdict) for step in result.steps] == [
        (1, "passed"), (2, "passed"), (4, "passed"), (6, "failed"),
    ]  # fmt: skip
    assert (result.people_held, result.verdict, len(lines)) == (4, "passed", 4)
    assert result.steps[-1].requests[0].failures.keys() == {"503"}
