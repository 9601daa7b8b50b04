"""`reg.json`: read as reg-cli writes it, written as reg-cli's users read it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from journeys.errors import UsageError
from journeys.review import Choice, DecisionRequest, Review, read_results, write_reg_json
from journeys.snapshots import ScreenStatus
from tests.journeys.review.conftest import Made, Place
from tests.journeys.review.results_folder import moved_button


def reg_cli(folder: Path, place: Place, **more: Any) -> Path:
    """Lay the results out as reg-cli does, and take ours away."""
    for name, ours in (("actual", "actual"), ("expected", "baseline"), ("diff", "difference")):
        source = place.folder / ours / moved_button().key.path
        (folder / name / "pages").mkdir(parents=True)
        shutil.copy(source, folder / name / "pages" / "profile.png")
    shutil.copy(folder / "actual/pages/profile.png", folder / "actual/fresh.png")
    document = {
        "failedItems": ["pages/profile.png"],
        "newItems": ["fresh.png"],
        "deletedItems": ["pages/old.png"],
        "passedItems": [],
        "expectedItems": ["pages/profile.png"],
        "actualItems": ["pages/profile.png", "fresh.png"],
        "diffItems": ["pages/profile.png"],
        "actualDir": "actual",
        "expectedDir": "expected",
        "diffDir": "diff",
    }
    file = folder / "reg.json"
    file.write_text(json.dumps({**document, **more}))
    return file


def test_what_reg_cli_compared_is_reviewed(place: Made) -> None:
    here = place(moved_button())
    folder = here.root / "reg"
    reg_cli(folder, here)
    results = read_results(folder, project=here.root)
    assert [(str(each.path), each.record.status) for each in results.entries] == [
        ("pages/profile.png", ScreenStatus.CHANGED),
        ("fresh.png", ScreenStatus.NEW),
    ]
    assert [str(path) for path in results.orphans.gone] == ["pages/old.png"]
    assert results.entries[0].record.size == (412, 732)


def test_an_approval_writes_the_expected_picture_and_an_undo_puts_it_back(place: Made) -> None:
    here = place(moved_button())
    folder = here.root / "reg"
    reg_cli(folder, here)
    expected = folder / "expected" / "pages" / "profile.png"
    before = expected.read_bytes()
    review = Review(read_results(folder, project=here.root))
    ids = list(review.entries)
    outcome = review.decide([DecisionRequest(name, Choice.APPROVED) for name in ids], by="ada")
    assert outcome.refused == []
    assert expected.read_bytes() == (folder / "actual/pages/profile.png").read_bytes()
    assert (folder / "expected/fresh.png").exists()
    review.undo([(name, None) for name in ids])
    assert expected.read_bytes() == before
    assert not (folder / "expected/fresh.png").exists()


def test_one_changed_since_the_review_began_is_left_alone(place: Made) -> None:
    here = place(moved_button())
    folder = here.root / "reg"
    reg_cli(folder, here)
    review = Review(read_results(folder, project=here.root))
    (folder / "expected/pages/profile.png").write_bytes(b"theirs")
    first = next(iter(review.entries))
    (refused,) = review.decide([DecisionRequest(first, Choice.APPROVED)], by="ada").refused
    assert "was changed on disk since this review began" in str(refused.error)


@pytest.mark.parametrize("item", ["../outside.png", "/etc/passwd", "pages/../../outside.png"])
def test_an_item_that_leads_out_of_the_folder_is_refused(place: Made, item: str) -> None:
    here = place(moved_button())
    folder = here.root / "reg"
    file = reg_cli(folder, here, failedItems=[item])
    with pytest.raises(Exception, match="lies outside"):
        read_results(file, project=here.root)


@pytest.mark.parametrize("more", [{"actualDir": None}, {"failedItems": "all"}, {"newItems": [1]}])
def test_what_is_no_result_of_reg_cli_is_said(place: Made, more: dict[str, Any]) -> None:
    here = place(moved_button())
    file = reg_cli(here.root / "reg", here, **more)
    with pytest.raises(UsageError, match="is no result of reg-cli"):
        read_results(file, project=here.root)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('"new": "a\\u0000.png"', "has the character NUL in a text (byte "),
        (f'"new": {"9" * 5_000}', "integer value out of range"),
        (f'"new": {"[" * 50_000}', "is more than 100 levels deep"),
    ],
    ids=["nul", "5,000 digits", "deep"],
)
def test_what_no_file_can_be_called_is_said(place: Made, text: str, problem: str) -> None:
    here = place(moved_button())
    file = reg_cli(here.root / "reg", here)
    file.write_text(file.read_text().rstrip().removesuffix("}") + f", {text}}}")
    with pytest.raises(UsageError) as refused:
        read_results(file, project=here.root)
    assert problem in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_a_folder_whose_escaped_name_has_nul_is_said(place: Made) -> None:
    here = place(moved_button())
    file = reg_cli(here.root / "reg", here, actualDir="actual%00")
    with pytest.raises(UsageError, match=r"actualDir has the character NUL in it"):
        read_results(file, project=here.root)


def test_a_run_has_its_reg_json(place: Made) -> None:
    here = place()
    results = here.review().results
    file = write_reg_json(here.folder, [each.record for each in results.entries], orphans=results.orphans)
    document = json.loads(file.read_text())
    counts = {name: len(items) for name, items in document.items() if name.endswith("Items")}
    assert counts == {
        "failedItems": 6,
        "newItems": 2,
        "deletedItems": 0,
        "passedItems": 1,
        "expectedItems": 7,
        "actualItems": 9,
        "diffItems": 5,
    }
    for items, folder in (
        ("expectedItems", "expectedDir"),
        ("actualItems", "actualDir"),
        ("diffItems", "diffDir"),
    ):
        for item in document[items]:
            assert (here.folder / document[folder] / item).is_file()


def test_pictures_that_lie_otherwise_are_linked_as_reg_cli_has_them(place: Made) -> None:
    here = place(moved_button())
    (record,) = [each.record for each in here.review().results.entries]
    moved = here.folder / "a1.png"
    shutil.move(here.actual(moved_button()), moved)
    document = json.loads(write_reg_json(here.folder, [replace(record, actual="a1.png")]).read_text())
    (item,) = document["actualItems"]
    assert (here.folder / document["actualDir"] / item).read_bytes() == moved.read_bytes()
