"""The journeys of the profile system: accounts, pictures, names, and who gets to see what."""

from journeys.profile import people, pictures

__all__ = ["people", "pictures"]
