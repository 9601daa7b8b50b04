"""The journeys of the profile system: accounts, pictures, names, and who gets to see what."""

from journeys.profile import accounts, caching, names, pictures, privacy

__all__ = ["accounts", "caching", "names", "pictures", "privacy"]
