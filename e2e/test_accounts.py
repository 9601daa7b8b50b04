"""The journeys of `journeys.profile.accounts`."""

from journeys.profile.accounts import newcomer_appears_in_the_feed

__all__ = ["newcomer_appears_in_the_feed"]
