"""Which results are taken, and what is said of those that aren't."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from journeys.errors import UsageError
from journeys.review import read_results
from tests.journeys.review.conftest import Made
from tests.journeys.review.results_folder import moved_button, new_text, some_screens, write_results


def changed(folder: Path, change: Callable[[Any], object]) -> None:
    """Change what `screens.json` says."""
    file = folder / "screens.json"
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))


@pytest.mark.parametrize(
    "given", ["test-results", "test-results/screens", "test-results/screens/screens.json"]
)
def test_results_are_found_by_their_folder_or_file(place: Made, given: str) -> None:
    here = place()
    results = read_results(here.root / given, project=here.root)
    assert results.folder == here.folder
    assert results.baselines == here.baselines
    assert len(results.entries) == len(some_screens())


def test_of_several_runs_the_newest_is_taken(tmp_path: Path) -> None:
    for age, name in enumerate(("android", "web")):
        folder = write_results(tmp_path / "runs" / name, [moved_button(name)])
        os.utime(folder / "screens.json", (1_000_000 - age, 1_000_000 - age))
        (folder.parent).rename(tmp_path / "runs" / f"of-{name}")
    results = read_results(tmp_path / "runs", baselines=tmp_path)
    assert [entry.record.key.name for entry in results.entries] == ["android"]


def test_baselines_that_no_screen_was_compared_with_are_orphans(place: Made) -> None:
    here = place(moved_button())
    folder = here.baseline(moved_button()).parent
    for name in ("profile[ios-17-3x][light].png", "gone[web-chromium-1x][light].png"):
        (folder / name).write_bytes(b"")
    # Another journey didn't run: nothing is known of its screens.
    elsewhere = here.baselines / "another_journey"
    elsewhere.mkdir()
    (elsewhere / "profile[web-chromium-1x][light].png").write_bytes(b"")
    orphans = here.review().results.orphans
    assert [path.name for path in orphans.gone] == ["gone[web-chromium-1x][light].png"]
    assert [path.name for path in orphans.unplayed] == ["profile[ios-17-3x][light].png"]


def test_what_can_not_be_shown_is_said_beside_the_screen(place: Made) -> None:
    here, screen = place(moved_button()), moved_button()
    (here.folder / "baseline" / screen.key.path).write_bytes(b"broken")
    (entry,) = here.review().results.entries
    assert entry.problems == ("the baseline can't be read as a picture",)


def test_a_size_that_differs_is_said(place: Made) -> None:
    (larger,) = [entry for entry in place().review().results.entries if entry.record.key.name == "larger"]
    assert larger.problems == ("the size was 412×732 and is 412×800: what both share was compared",)


def test_results_can_not_choose_where_is_written(place: Made) -> None:
    here = place(moved_button())
    changed(here.folder, lambda document: document.update(baselines="/etc"))
    with pytest.raises(UsageError, match="baselines outside this project, in /etc: say --baselines DIR"):
        read_results(here.folder, project=here.root)
    assert read_results(here.folder, baselines=here.baselines, project=here.root).baselines == here.baselines


@pytest.mark.parametrize("part", ["journey", "name", "target", "theme"])
@pytest.mark.parametrize("value", ["..", "a/b", "", "/etc", "a\0b"])
def test_no_part_of_a_name_leads_elsewhere(place: Made, part: str, value: str) -> None:
    here = place(moved_button())
    changed(here.folder, lambda document: document["screens"][0]["key"].update({part: value}))
    with pytest.raises(UsageError, match="can't be part of a baseline's name"):
        here.review()


def test_a_screen_named_twice_is_refused(place: Made) -> None:
    here = place(moved_button())
    changed(here.folder, lambda document: document["screens"].append(document["screens"][0]))
    with pytest.raises(UsageError, match="names a screen twice"):
        here.review()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", r"is no JSON \(it ends too soon\): run the journeys again"),
        ("[]", "is of another version"),
        ('{"format": 99}', "is of another version"),
        ('{"format": 1, "baselines": "x"}', "is damaged"),
        ('{"format": 1, "baselines": "x", "screens": [{}]}', "is damaged"),
        ('{"format": 1, "baselines": "x", "screens": [1]}', "is damaged"),
    ],
)
def test_a_file_that_is_no_record_is_said(place: Made, content: str, said: str) -> None:
    here = place(moved_button())
    (here.folder / "screens.json").write_text(content)
    with pytest.raises(UsageError, match=said):
        here.review()


def test_an_oversized_record_is_not_read(place: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    here = place(moved_button())
    monkeypatch.setattr("journeys.review.results.MAX_DOCUMENT_BYTES", 10)
    with pytest.raises(UsageError, match="that is no run's"):
        here.review()


def test_a_folder_without_results_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has no screens\.json and no reg\.json: run journeys"):
        read_results(tmp_path)
    with pytest.raises(UsageError, match="there is no folder"):
        read_results(tmp_path / "nowhere")


def test_screens_that_look_the_same_need_no_decision(place: Made) -> None:
    review = place().review()
    assert len(review.entries) == len(some_screens()) - 1
    assert "unchanged" not in [entry.record.key.name for entry in review.entries.values()]


def test_a_name_from_another_run_is_unknown(place: Made) -> None:
    assert new_text().key.id not in place(moved_button()).review().entries
