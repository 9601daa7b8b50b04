"""A person's picture in a circle."""

from __future__ import annotations

import flet as ft

from flutter_app import semantics
from flutter_app.model import Profile


class AvatarView:
    """Show a person's picture; a new one takes the old one's place without a gap or a fade.

    Material's own CircleAvatar cross-fades, which shows neither picture for a fifth of a second.
    """

    def __init__(self, profile: Profile, *, size: int, identifier: str) -> None:
        self._size = size
        self._image = ft.Image(
            src=profile.avatar.url_for(size),
            width=size,
            height=size,
            fit=ft.BoxFit.COVER,
            gapless_playback=True,
            exclude_from_semantics=True,
            error_content=ft.Icon(
                ft.Icons.PERSON,
                size=size * 0.6,
                color=ft.Colors.ON_SURFACE_VARIANT,
                align=ft.Alignment.CENTER,
            ),
        )
        self._node = semantics.image(
            identifier,
            _label(profile),
            ft.Container(
                self._image,
                width=size,
                height=size,
                border_radius=size / 2,
                clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
                bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST,
            ),
        )

    @property
    def control(self) -> ft.Control:
        """The widget to place on a screen."""
        return self._node

    def show(self, profile: Profile) -> None:
        """Show the picture and name as they are now."""
        self._image.src = profile.avatar.url_for(self._size)
        self._node.label = _label(profile)
        self._node.update()


def _label(profile: Profile) -> str:
    return f"Avatar of {profile.display_name}"
