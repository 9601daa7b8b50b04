"""Approving, rejecting and undoing: what is written, and what is left alone."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from journeys.review import Choice, DecisionRequest, Review
from tests.journeys.review.conftest import Made
from tests.journeys.review.results_folder import Screen, moved_button, new_screen, new_text

APPROVED, REJECTED = Choice.APPROVED, Choice.REJECTED


def approve(review: Review, *screens: Screen, by: str = "ada", seen: int | None = None) -> list[str]:
    """Approve screens, and return what was refused."""
    outcome = review.decide([DecisionRequest(each.key.id, APPROVED, seen=seen) for each in screens], by=by)
    return [str(each.error) for each in outcome.refused]


def undo(review: Review, *screens: Screen) -> list[str]:
    return [str(each.error) for each in review.undo([(each.key.id, None) for each in screens]).refused]


def test_an_approved_screenshot_is_the_baseline_with_what_it_said(place: Made) -> None:
    here, screen = place(moved_button()), moved_button()
    assert approve(here.review(), screen) == []
    assert here.baseline(screen).read_bytes() == here.actual(screen).read_bytes()
    said = here.baseline(screen).with_suffix(".json")
    assert said.read_bytes() == here.actual(screen).with_suffix(".json").read_bytes()
    assert len(here.tree()) == 2


def test_a_rejected_screen_keeps_its_baseline_and_has_a_note(place: Made) -> None:
    here, screen = place(moved_button()), moved_button()
    before = here.tree()
    here.review().decide([DecisionRequest(screen.key.id, REJECTED, "too low")], by="ada")
    assert here.tree() == before
    (decision,) = here.review().decisions.values()
    assert (decision.verdict, decision.note, decision.by) == (REJECTED, "too low", "ada")


@pytest.mark.parametrize("screen", [moved_button(), new_screen()], ids=["changed", "new"])
def test_an_undone_approval_leaves_every_byte_as_it_was(place: Made, screen: Screen) -> None:
    here = place(screen, new_text())
    before = here.tree()
    review = here.review()
    approve(review, screen)
    assert here.tree() != before
    assert undo(review, screen) == []
    assert here.tree() == before
    assert review.decisions == {}


def test_a_rejection_of_what_was_approved_takes_the_approval_back(place: Made) -> None:
    here, screen = place(moved_button()), moved_button()
    before, review = here.tree(), here.review()
    approve(review, screen)
    review.decide([DecisionRequest(screen.key.id, REJECTED)], by="ada")
    assert here.tree() == before


def test_a_later_start_goes_on_and_can_undo(place: Made) -> None:
    here, screen = place(moved_button(), new_text()), moved_button()
    before = here.tree()
    approve(here.review(), screen)
    later = here.review()
    assert later.decisions.keys() == {screen.key.id}
    assert undo(later, screen) == []
    assert here.tree() == before


def test_decisions_on_another_comparison_do_not_count(place: Made) -> None:
    screen = moved_button()
    here = place(screen)
    approve(here.review(), screen)
    again = place(screen, new_text())
    assert again.review().decisions == {}


def test_many_are_decided_at_once_each_for_itself(place: Made) -> None:
    screens = [moved_button(f"screen-{number}") for number in range(5)]
    here = place(*screens)
    here.baseline(screens[2]).write_bytes(b"changed by somebody")
    refused = approve(here.review(), *screens)
    assert len(refused) == 1
    assert "changed on disk since the comparison" in refused[0]
    fresh = [here.baseline(each).read_bytes() == here.actual(each).read_bytes() for each in screens]
    assert fresh == [True, True, False, True, True]
    assert here.baseline(screens[2]).read_bytes() == b"changed by somebody"
    assert here.said == refused


def test_a_baseline_removed_or_made_since_the_comparison_is_left_alone(place: Made) -> None:
    gone, made = moved_button(), new_screen()
    here = place(gone, made)
    here.baseline(gone).unlink()
    here.baseline(made).write_bytes(b"theirs")
    removed, there = approve(here.review(), gone, made)
    assert "was removed since the comparison" in removed
    assert "was made by somebody else" in there
    assert not here.baseline(gone).exists()
    assert here.baseline(made).read_bytes() == b"theirs"


def test_an_approval_that_was_cut_short_is_finished_by_the_next(place: Made) -> None:
    here, screen = place(moved_button()), moved_button()
    before = here.tree()
    here.baseline(screen).write_bytes(here.actual(screen).read_bytes())
    review = here.review()
    assert approve(review, screen) == []
    undo(review, screen)
    assert here.tree() == before


def test_an_undo_leaves_alone_what_was_changed_after_the_approval(place: Made) -> None:
    here, screen = place(moved_button()), moved_button()
    review = here.review()
    approve(review, screen)
    here.baseline(screen).write_bytes(b"theirs")
    (refused,) = undo(review, screen)
    assert "was changed after it was approved" in refused
    assert here.baseline(screen).read_bytes() == b"theirs"


class TestTwoReviewers:
    def test_the_second_decision_on_a_screen_is_refused_and_told(self, place: Made) -> None:
        here, screen = place(moved_button()), moved_button()
        review = here.review()
        review.decide([DecisionRequest(screen.key.id, REJECTED, "no", seen=0)], by="ada")
        (refused,) = approve(review, screen, by="bob", seen=0)
        assert refused.endswith("another reviewer has rejected it meanwhile")
        assert review.decisions[screen.key.id].by == "ada"

    def test_so_it_is_where_each_has_a_process(self, place: Made) -> None:
        here, screen = place(moved_button()), moved_button()
        one, other = here.review(), here.review()
        approve(one, screen, seen=0)
        (refused,) = approve(other, screen, by="bob", seen=0)
        assert refused.endswith("another reviewer has approved it meanwhile")

    def test_each_is_told_what_the_other_did(self, place: Made) -> None:
        here, screen = place(moved_button()), moved_button()
        one, other = here.review(), here.review()
        seen = other.changes(0).revision
        approve(one, screen)
        told = other.changes(seen)
        assert told.done[screen.key.id] == one.decisions[screen.key.id]
        undo(one, screen)
        assert other.changes(told.revision).done == {screen.key.id: None}
        assert other.changes(other.revision).done == {}


class TestBadInput:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"no picture", "is no PNG"),
            (b"\x89PNG\r\n\x1a\n" + b"half of one", "is damaged"),
        ],
    )
    def test_a_corrupt_screenshot_never_becomes_a_baseline(
        self, place: Made, content: bytes, said: str
    ) -> None:
        here, screen = place(moved_button()), moved_button()
        before = here.tree()
        here.actual(screen).write_bytes(content)
        (refused,) = approve(here.review(), screen)
        assert said in refused
        assert here.tree() == before

    def test_one_with_too_many_pixels_is_refused(self, place: Made, monkeypatch: pytest.MonkeyPatch) -> None:
        here, screen = place(moved_button()), moved_button()
        monkeypatch.setattr("journeys.review.files.MAX_PIXELS", 1000)
        (refused,) = approve(here.review(), screen)
        assert "412x732 pixels: no screen has so many" in refused

    def test_an_oversized_baseline_stays(self, place: Made, monkeypatch: pytest.MonkeyPatch) -> None:
        here, screen = place(moved_button()), moved_button()
        monkeypatch.setattr("journeys.snapshots.baselines.MAX_FILE_BYTES", 100)
        (refused,) = approve(here.review(), screen)
        assert "remove it" in refused

    def test_a_corrupt_baseline_is_replaced_and_comes_back_as_it_was(self, place: Made) -> None:
        here, screen = place(moved_button()), moved_button()
        for copy in (here.baseline(screen), here.folder / "baseline" / screen.key.path):
            copy.write_bytes(b"broken")
        review = here.review()
        assert approve(review, screen) == []
        undo(review, screen)
        assert here.baseline(screen).read_bytes() == b"broken"

    def test_an_entry_that_is_not_there_is_said(self, place: Made) -> None:
        (refused,) = approve(place(moved_button()).review(), moved_button("another"))
        assert refused == "there is no such screen in these results: reload the page"

    def test_a_damaged_file_of_decisions_is_said_and_kept(self, place: Made) -> None:
        here = place(moved_button())
        (here.folder / "decisions.json").write_text("{")
        with pytest.raises(Exception, match=r"decisions\.json is no JSON \(.*\): move it away"):
            here.review()
        assert (here.folder / "decisions.json").read_text() == "{"

    def test_results_that_vanish_are_said(self, place: Made) -> None:
        here, screen = place(moved_button()), moved_button()
        review, before = here.review(), here.tree()
        shutil.rmtree(here.folder)
        with pytest.raises(Exception, match=r"the results in .* are gone: run the journeys again"):
            approve(review, screen)
        assert here.tree() == before

    def test_results_of_another_run_are_not_written(self, place: Made) -> None:
        here, screen = place(moved_button()), moved_button()
        review, before = here.review(), here.tree()
        place(screen, new_text())
        with pytest.raises(Exception, match="run again meanwhile"):
            approve(review, screen)
        assert here.tree().items() >= before.items()


class TestFullDisk:
    @pytest.mark.parametrize("failing", range(5))
    def test_no_baseline_is_half_written_wherever_it_fails(
        self, place: Made, monkeypatch: pytest.MonkeyPatch, failing: int
    ) -> None:
        here, screen = place(moved_button()), moved_button()
        review, before = here.review(), here.tree()
        fail_at(monkeypatch, failing)
        (refused,) = approve(review, screen)
        monkeypatch.undo()
        assert refused.startswith("the disk is full: ")
        assert here.tree() == before
        assert review.decisions == here.review().decisions == {}
        assert [path for path in here.root.rglob(".*") if path.name != ".decisions.lock"] == []
        # With room again it can be decided.
        assert approve(review, screen) == []

    @pytest.mark.parametrize("failing", range(3))
    def test_an_undo_that_fails_leaves_the_approval(
        self, place: Made, monkeypatch: pytest.MonkeyPatch, failing: int
    ) -> None:
        here, screen = place(moved_button()), moved_button()
        review = here.review()
        approve(review, screen)
        approved = here.tree()
        fail_at(monkeypatch, failing)
        (refused,) = undo(review, screen)
        monkeypatch.undo()
        assert refused.startswith("the disk is full: ")
        assert here.tree() == approved
        assert here.review().decisions.keys() == {screen.key.id}

    def test_picture_and_semantics_stay_together_where_only_one_can_be_replaced(
        self, place: Made, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here, screen = place(moved_button()), moved_button()
        review, before = here.review(), here.tree()
        real, left = Path.replace, iter([here.baseline(screen)])

        def replace(path: Path, target: Path) -> Path:
            if target == here.baseline(screen) and next(left, None):
                raise OSError(errno.EIO, "Input/output error")
            return real(path, target)

        monkeypatch.setattr(Path, "replace", replace)
        (refused,) = approve(review, screen)
        assert "can't be written (Input/output error): it is as it was" in refused
        assert here.tree() == before

    def test_of_several_none_is_approved_where_no_decision_can_be_kept(
        self, place: Made, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        screens = [moved_button(f"screen-{number}") for number in range(3)]
        here = place(*screens)
        review, before = here.review(), here.tree()

        def full(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("journeys.review.review.write_decisions", full)
        assert len(approve(review, *screens)) == 3
        assert here.tree() == before


def fail_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let the disk be full from the write with this number on, for a while."""
    real, count = os.fsync, iter(range(10_000))

    def fsync(descriptor: int) -> None:
        if next(count) == number:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)


class TestNothingElsewhere:
    def test_a_link_among_the_baselines_leads_nowhere(self, place: Made) -> None:
        screen = moved_button()
        here = place(screen)
        elsewhere = here.root / "elsewhere"
        shutil.move(here.baselines / screen.journey, elsewhere)
        (here.baselines / screen.journey).symlink_to(elsewhere)
        before = (elsewhere / screen.key.path.name).read_bytes()
        (refused,) = approve(here.review(), screen)
        assert "lies outside" in refused
        assert (elsewhere / screen.key.path.name).read_bytes() == before

    def test_nor_does_a_baseline_that_is_a_link(self, place: Made) -> None:
        here, screen = place(moved_button()), moved_button()
        secret = here.root / "secret"
        shutil.move(here.baseline(screen), secret)
        here.baseline(screen).symlink_to(secret)
        before = secret.read_bytes()
        (refused,) = approve(here.review(), screen)
        assert "link" in refused or "outside" in refused
        assert secret.read_bytes() == before

    def test_a_screenshot_outside_the_results_is_not_read(self, place: Made) -> None:
        here, screen = place(moved_button()), moved_button()
        secret = here.root / "secret.png"
        shutil.copy(here.actual(screen), secret)
        here.actual(screen).unlink()
        here.actual(screen).symlink_to(secret)
        (refused,) = approve(here.review(), screen)
        assert "lies outside" in refused

    def test_no_temporary_file_stays(self, place: Made) -> None:
        here, screen = place(moved_button()), moved_button()
        review = here.review()
        approve(review, screen)
        undo(review, screen)
        assert [path.name for path in here.baselines.rglob(".*")] == []
