"""Which pictures and logs the page shows of a try that failed: of windows, of devices, those errors name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from journeys.nightly.journals import gather_attempts
from journeys.nightly.record import CellRecord, NightRecord
from journeys.nightly.report.evidence import Evidence
from journeys.report import JOURNAL, JournalEntry, append_to_journal
from tests.journeys.nightly.sample_nights import cell, night, target

RESULTS, OWN = "attempt-1", "of it"

Shown = Callable[..., dict[str, str]]


def failed(*targets: str) -> CellRecord:
    """A cell that failed on some targets, its files in a folder of its own."""
    made = cell("failed", on="+".join(targets), error="nobody is there")
    (attempt,) = made["attempts"]
    attempt["results"], attempt["evidence"] = RESULTS, OWN
    assert attempt["record"] is not None
    attempt["record"]["targets"] = list(targets)
    return made


def a_night(made: CellRecord, *targets: str) -> NightRecord:
    known = [target(name) for name in targets]
    for each in known:
        each["platform"] = "web" if each["name"] == "web" else "android"
    return night(made, targets=known)


@pytest.fixture
def shown(tmp_path: Path) -> Shown:
    """Return what shows the pictures of a cell in whose folder some files lie: titles, and the files."""

    def shown(*files: str, on: tuple[str, ...] = ("pixel",)) -> dict[str, str]:
        folder = tmp_path / RESULTS / OWN
        folder.mkdir(parents=True)
        for name in files:
            (folder / name).touch()
        made = failed(*on)
        strips = Evidence(a_night(made, *on), tmp_path, tmp_path).strips(made)
        return {link.title: link.href.rpartition("/")[2] for strip in strips for link in strip.pictures}

    return shown


def test_a_devices_screen_is_shown_by_whose_it_is(shown: Shown) -> None:
    assert shown("alice-screen.png", "bob-screen.png", "01-header-alice-last-old.png") == {
        "alice": "alice-screen.png",
        "bob": "bob-screen.png",
    }


def test_what_an_error_names_is_shown_as_well(shown: Shown) -> None:
    assert shown("alice-screen.png", "pixel-2.png", "pixel-10.txt", "pixel-x.png", "pixels-1.png") == {
        "alice": "alice-screen.png",
        "pixel-2, named by the error": "pixel-2.png",
    }


def test_of_a_browser_it_is_shown_only_where_the_window_was_not_kept(shown: Shown) -> None:
    assert shown("web-1.png", on=("web",)) == {"web-1, named by the error": "web-1.png"}


def test_windows_come_first_and_what_an_error_names_last(shown: Shown) -> None:
    files = ("test-failed-1.png", "alice-screen.png", "web-1.png", "pixel-1.png")
    assert list(shown(*files, on=("web", "pixel")).values()) == [
        "test-failed-1.png",
        "alice-screen.png",
        "pixel-1.png",
    ]


def test_three_are_enough(shown: Shown) -> None:
    assert len(shown(*(f"{name}-screen.png" for name in "abcdef"))) == 3


def test_a_devices_log_is_a_link_by_its_kind(tmp_path: Path) -> None:
    folder = tmp_path / RESULTS / OWN
    folder.mkdir(parents=True)
    (folder / "alice-logcat.log").touch()
    planned = failed("pixel")
    record = planned["attempts"].pop()["record"]
    assert record is not None
    record["id"], record["casting"] = planned["journey"], planned["casting"]
    entry = JournalEntry(record=record, worker="gw0", devices=[], evidence=OWN, test="", error="")
    append_to_journal(tmp_path / RESULTS / JOURNAL, entry)
    found = gather_attempts(a_night(planned, "pixel"), tmp_path)
    (made,) = found["cells"]
    logs = Evidence(found, tmp_path, tmp_path).logs(made)
    assert [(link.title, link.href) for link in logs] == [
        ("alice-logcat", "attempt-1/of%20it/alice-logcat.log"),
        ("all files", "attempt-1/of%20it"),
    ]
