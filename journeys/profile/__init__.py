"""The journeys of the profile system: accounts, pictures, names, and who gets to see what."""

from journeys.profile import accounts, caching, crowds, names, pictures, privacy, screens

__all__ = ["accounts", "caching", "crowds", "names", "pictures", "privacy", "screens"]
