"""How a workload is written, found and refused, and which targets may be put under load."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeys.errors import UsageError
from journeys.load import Activity, VirtualUser, Workload, load_workload, require_allowed


async def look(user: VirtualUser) -> None: ...


WRITTEN = """
from journeys.load import Activity, Workload
from words import NAME

async def look(user): ...

workload = Workload(activities=(Activity(run=look, weight=1),), watch=NAME)
other = Workload(activities=(Activity(run=look, per_second=2),))
something = 5
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "words.py").write_text("NAME = 'a_journey'")
    file = tmp_path / "traffic.py"
    file.write_text(WRITTEN)
    return file


def test_a_workload_is_read_from_a_file_with_what_stands_beside_it(file: Path) -> None:
    assert load_workload(str(file)).watch == "a_journey"


def test_one_of_several_is_named(file: Path) -> None:
    assert load_workload(f"{file}:other").activities[0].per_second == 2


def test_the_reference_apps_workload_is_a_module() -> None:
    workload = load_workload("journeys.profile.load")
    assert workload.stream == "/events"
    assert sum(each.per_second for each in workload.activities) == 1.0


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (":none", "none in .*: there is no such name: write none = Workload"),
        (":something", "it is no Workload but int"),
    ],
)
def test_a_name_that_is_none_is_refused(file: Path, name: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        load_workload(f"{file}{name}")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nowhere.py", "--scenario nowhere.py: there is no such file"),
        ("no.such.module", "can't be imported: ModuleNotFoundError"),
    ],
)
def test_a_place_that_is_none_is_refused(text: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        load_workload(text)


def test_a_file_with_a_mistake_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "wrong.py"
    file.write_text("workload = (")
    with pytest.raises(UsageError, match=r"wrong\.py can't be imported: SyntaxError") as refused:
        load_workload(str(file))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"activities": ()}, "a workload needs activities"),
        ({"activities": (Activity(run=look),)}, "look needs either a weight or per_second"),
        ({"activities": (Activity(run=look, weight=1, per_second=1),)}, "look needs either"),
        ({"activities": (Activity(run=look, weight=-1),)}, "look needs either"),
        ({"think_s": (0, 1)}, "think_s"),
        ({"think_s": (2, 1)}, "think_s"),
        ({"streams": 101}, "0 to 100"),
        ({"stream": "events"}, "starts with /"),
    ],
    ids=["none", "neither", "both", "below 0", "no time", "turned round", "too many", "no path"],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object], problem: str) -> None:
    sound: dict[str, object] = {"activities": (Activity(run=look, weight=1),)}
    with pytest.raises(UsageError, match=problem):
        Workload(**{**sound, **wrong})  # type: ignore[arg-type]  # on purpose


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:80", "http://localhost:8000", "http://[::1]:1", "https://a.shop.example"]
)
def test_this_machine_and_hosts_that_are_named_are_allowed(url: str) -> None:
    require_allowed(url, ("*.shop.example",))


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://shop.example", "name shop.example in allow_hosts"),
        ("http://a.shop.example.evil.example", "allow_hosts"),
        ("http://127.0.0.1.evil.example", "allow_hosts"),
        ("http://127.0.0.1@evil.example", "allow_hosts"),
        ("ftp://127.0.0.1", "is no address"),
        ("127.0.0.1", "is no address"),
    ],
)
def test_any_other_target_is_refused(url: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        require_allowed(url, ("*.shop.example",))
