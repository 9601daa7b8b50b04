"""How screens make a journey fail: all of them at its end, so that one run finds every difference."""

from __future__ import annotations

from journeys.timeline import ScreenCompared, Timeline


class ScreensDiffer(AssertionError):
    """Screens are not as their baselines, or have none where that is no pass; a line for each of them."""


def raise_for_screens(timeline: Timeline) -> None:
    """Raise `ScreensDiffer` where a screen of the journey is not accepted."""
    lines = [
        f"{event.actor}'s screen {event.screen} ({event.target}, {event.theme}): {event.summary}"
        for event in timeline.of(ScreenCompared)
        if not event.accepted
    ]
    if lines:
        raise ScreensDiffer("\n".join(lines))
