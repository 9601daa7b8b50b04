"""The journeys of `journeys.profile.pictures`."""

from journeys.profile.pictures import (
    first_picture_replaces_the_default,
    new_avatar_reaches_every_surface,
    removed_picture_leaves_the_default,
)

__all__ = [
    "first_picture_replaces_the_default",
    "new_avatar_reaches_every_surface",
    "removed_picture_leaves_the_default",
]
