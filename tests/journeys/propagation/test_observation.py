"""What a sequence of looks comes to: one letter per frame, o(ld) n(ew) x (neither) . (gone)."""

from __future__ import annotations

import pytest

from flutter_bridge import Interval
from journeys.propagation import Appearance, Fault, Observation, find_appearance
from journeys.propagation.observation import steady_time_s
from journeys.timeline import SurfaceState

STATES = {"o": SurfaceState.OLD, "n": SurfaceState.NEW, "x": SurfaceState.OTHER, ".": SurfaceState.ABSENT}
TAP, COMMIT = Interval(2, 2.25), Interval(3, 3.25)


def looks(drawn: str, *, blur: float = 0.25) -> list[Observation]:
    """Return one look per letter, one second after the other, the first at second 0."""
    return [
        Observation(shown=Interval.at(second, plus_minus=blur), state=STATES[letter], number=second)
        for second, letter in enumerate(drawn)
    ]


def seen(drawn: str, *, tap: Interval | None = TAP, commit: Interval | None = COMMIT) -> Appearance:
    return find_appearance(looks(drawn), tap=tap, commit=commit)


def test_a_change_appears_between_the_last_look_without_it_and_the_first_with_it() -> None:
    result = seen("oooooonnn")
    assert result.visible == Interval(4.75, 6.25)
    assert result.fault is None
    assert result.last_old is not None
    assert result.first_new is not None
    assert (result.last_old.number, result.first_new.number) == (5, 6)


def test_what_shows_neither_while_it_fades_over_is_not_new_yet() -> None:
    assert seen("ooooxxxnn").visible == Interval(5.75, 7.25)


def test_what_was_gone_for_a_moment_is_not_new_yet() -> None:
    assert seen("oooo..nnn").visible == Interval(4.75, 6.25)


@pytest.mark.parametrize(
    ("drawn", "fault"),
    [
        ("ooooooooo", Fault.NEVER),
        ("ooooxxxxx", Fault.NEVER_SETTLED),
        ("oooonnxxx", Fault.NEVER_SETTLED),
        ("oooonnnoo", Fault.REVERTED),
        ("oooonoooo", Fault.REVERTED),
        ("oooonnnon", Fault.ALTERNATED),
        ("oooonxoxn", Fault.ALTERNATED),
        ("oooonnn..", Fault.VANISHED),
        ("oooo.....", Fault.VANISHED),
        ("onoooonnn", Fault.TOO_EARLY),
        ("oonnnnnnn", Fault.TOO_EARLY),
        ("xxxooonnn", Fault.NO_CONTROL),
        ("xxxxxxnnn", Fault.NO_CONTROL),
        ("nnnnnnnnn", Fault.NO_CONTROL),
    ],
)
def test_everything_else_has_a_name(drawn: str, fault: Fault) -> None:
    result = seen(drawn)
    assert result.fault is fault
    assert result.visible is None


def test_new_lost_and_new_again_is_known_only_to_lie_between_the_first_and_the_last_of_these() -> None:
    result = seen("oooonxnnn")
    assert result.visible == Interval(2.75, 6.25)
    assert result.flickered


def test_a_change_may_be_seen_as_early_as_it_may_have_been_committed() -> None:
    assert seen("ooonnnnnn").fault is None
    assert seen("ooonnnnnn", commit=Interval(3.3, 3.5)).fault is Fault.TOO_EARLY


def test_of_looks_whose_times_overlap_any_may_be_the_one_that_came_too_early() -> None:
    wide, narrow = (
        Observation(shown=shown, state=SurfaceState.NEW) for shown in (Interval(2.5, 3.5), Interval(2.6, 2.7))
    )
    result = find_appearance([*looks("ooo"), wide, narrow, *looks("oooonnn")[4:]], tap=TAP, commit=COMMIT)
    assert result.fault is Fault.TOO_EARLY
    assert result.first_new is narrow


def test_without_a_commit_only_the_tap_comes_first() -> None:
    assert seen("oonnnnnnn", commit=None).fault is None
    assert seen("onnnnnnnn", commit=None).fault is Fault.TOO_EARLY


def test_without_a_tap_the_control_lies_before_the_commit() -> None:
    assert seen("xxooonnnn", tap=None).fault is None
    assert seen("xxxooonnn", tap=None).fault is Fault.NO_CONTROL


def test_a_control_that_may_lie_after_the_tap_is_none() -> None:
    assert find_appearance(looks("xxonn"), tap=Interval(2.1, 2.2), commit=None).fault is Fault.NO_CONTROL
    assert find_appearance(looks("xxonn"), tap=Interval(2.3, 2.4), commit=None).fault is None


def test_overlapping_looks_give_the_narrowest_sound_interval() -> None:
    wide = Observation(shown=Interval(3, 7), state=SurfaceState.OLD)
    result = find_appearance([*looks("oooooo"), wide, *looks("oooooonn")[6:]], tap=TAP, commit=COMMIT)
    assert result.visible == Interval(4.75, 6.25)


def test_frames_whose_times_run_backwards_are_not_trusted() -> None:
    late_old = Observation(shown=Interval(9, 9), state=SurfaceState.OLD)
    result = find_appearance([*looks("oooooo"), late_old, *looks("oooooonn")[6:]], tap=TAP, commit=COMMIT)
    assert result.fault is Fault.CONTRADICTION


def test_the_longest_time_without_a_look_is_told() -> None:
    sparse = [look for look in looks("oooooooonnnn") if look.number not in {5, 6}]
    assert find_appearance(sparse, tap=TAP, commit=COMMIT).blind_s == pytest.approx(3.5)


def test_gaps_before_the_tap_do_not_matter() -> None:
    sparse = [look for look in looks("ooooooonn") if look.number != 1]
    assert find_appearance(sparse, tap=Interval(4, 4), commit=None).blind_s == pytest.approx(1.5)


def test_nothing_can_be_said_without_a_tap_or_a_commit() -> None:
    with pytest.raises(ValueError, match="nothing to measure from"):
        seen("ooonn", tap=None, commit=None)


@pytest.mark.parametrize(
    ("drawn", "steady"), [("oonnn", 1.5), ("ooonx", 0), ("ooooo", 0), ("ooon", 0), ("", 0)]
)
def test_a_change_is_steady_for_as_long_as_it_is_seen_without_a_break(drawn: str, steady: float) -> None:
    assert steady_time_s(looks(drawn)) == pytest.approx(steady)
