"""The nights that were kept: written once, however often they are given, and asked about."""

from journeys.farm.history.asking import expected_durations, names_and_branches
from journeys.farm.history.forgetting import forget_nights
from journeys.farm.history.keeping import keep_night
from journeys.farm.history.window import Window, read_window

__all__ = ["Window", "expected_durations", "forget_nights", "keep_night", "names_and_branches", "read_window"]
