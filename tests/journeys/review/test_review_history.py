"""A baseline's history, from a real git."""

from __future__ import annotations

import pytest

from journeys.review.details import read_history, read_version
from journeys.review.files import ReviewError
from tests.journeys.review.conftest import Made
from tests.journeys.review.repository import commit_all
from tests.journeys.review.results_folder import moved_button, new_text


def test_versions_are_told_the_newest_first_with_their_pictures(place: Made) -> None:
    here, screen = place(moved_button(), new_text()), moved_button()
    path = here.baseline(screen)
    first, old = commit_all(here.root, "Record the first"), path.read_bytes()
    # A change of another baseline is none of this one's, nor is one that its name would match as a pattern.
    here.baseline(new_text()).write_bytes(b"changed")
    path.with_name("profilewl.png").write_bytes(b"new")
    commit_all(here.root, "Change another")
    path.write_bytes(here.actual(screen).read_bytes())
    second = commit_all(here.root, "Move “Save”")
    found = read_history(path)
    assert [(each.commit, each.subject, each.author) for each in found.versions] == [
        (second, "Move “Save”", "Ada"),
        (first, "Record the first", "Ada"),
    ]
    assert read_version(path, first) == old
    assert read_version(path, second) == here.actual(screen).read_bytes()


def test_a_version_that_removed_it_is_marked(place: Made) -> None:
    here, screen = place(moved_button(), new_text()), moved_button()
    commit_all(here.root, "Record")
    here.baseline(screen).unlink()
    commit_all(here.root, "Remove")
    assert [each.removed for each in read_history(here.baseline(screen)).versions] == [True, False]


def test_without_git_it_is_said(place: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    path = place(moved_button()).baseline(moved_button())
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(path.parents[4]))
    assert read_history(path).missing == "The baselines are not in a git repository: no history."
    monkeypatch.setenv("PATH", "")
    assert read_history(path).missing == "There is no git on this machine: no history."


def test_a_baseline_that_is_not_committed_has_none(place: Made) -> None:
    here = place(moved_button())
    commit_all(here.root, "Record")
    fresh = here.baseline(new_text())
    assert read_history(fresh).missing == "This baseline isn't committed yet."
    assert read_history(here.baselines / "nowhere" / "x.png").missing == "This baseline isn't there yet."


@pytest.mark.parametrize("commit", ["HEAD", "--output=/tmp/x", "0" * 40, "abc"])
def test_only_a_whole_commit_names_a_version(place: Made, commit: str) -> None:
    here = place(moved_button())
    commit_all(here.root, "Record")
    with pytest.raises(ReviewError):
        read_version(here.baseline(moved_button()), commit)


def test_an_oversized_version_is_not_read(place: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    here = place(moved_button())
    commit = commit_all(here.root, "Record")
    monkeypatch.setattr("journeys.review.details.MAX_PICTURE_BYTES", 10)
    with pytest.raises(ReviewError):
        read_version(here.baseline(moved_button()), commit)
