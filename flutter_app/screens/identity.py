"""A person at the top of a profile screen: the large picture, the name, a few words."""

from __future__ import annotations

import flet as ft

from flutter_app import semantics, theme
from flutter_app.avatar import AvatarView
from flutter_app.model import Profile


class Identity:
    """Show who somebody is; picture beside the words where there is room, above them on a phone."""

    def __init__(
        self, profile: Profile, *, width: float, email: str = "", actions: list[ft.Control] | None = None
    ) -> None:
        self._profile = profile
        self._avatar = AvatarView(profile, size=theme.PROFILE_AVATAR, identifier="profile-avatar")
        self._name = ft.Text(profile.display_name, theme_style=ft.TextThemeStyle.HEADLINE_SMALL)
        self._bio = ft.Text(profile.bio, theme_style=ft.TextThemeStyle.BODY_LARGE)
        self._bio_node = semantics.text("profile-bio", self._bio)
        self._bio_node.visible = bool(profile.bio)
        words: list[ft.Control] = [semantics.heading("profile-name", self._name), self._bio_node]
        if email:
            address = ft.Text(
                email, theme_style=ft.TextThemeStyle.BODY_MEDIUM, color=ft.Colors.ON_SURFACE_VARIANT
            )
            words.insert(1, semantics.text("profile-email", address))
        self._actions = ft.Row(actions or [], spacing=theme.GAP, run_spacing=theme.GAP, wrap=True)
        self._words = ft.Column([*words, self._actions] if actions else words, spacing=theme.GAP)
        self._place = ft.Container()
        self.control = theme.card(self._place, padding=24)
        self.resize(width)

    def show(self, profile: Profile) -> bool:
        """Show the person as they are now; tells whether that was news."""
        if profile.version <= self._profile.version:
            return False
        self._profile = profile
        self._avatar.show(profile)
        if self._name.value != profile.display_name:
            self._name.value = profile.display_name
            self._name.update()
        if self._bio.value != profile.bio:
            self._bio.value = profile.bio
            self._bio_node.visible = bool(profile.bio)
            self._words.update()
        return True

    def resize(self, width: float) -> None:
        """Fit to the window's width."""
        if theme.is_phone(width):
            self._arrange(ft.TextAlign.CENTER, ft.CrossAxisAlignment.CENTER, ft.MainAxisAlignment.CENTER)
            self._words.expand = False
            self._place.content = ft.Column(
                [self._avatar.control, self._words],
                spacing=theme.PADDING,
                horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            )
            self._place.alignment = ft.Alignment.CENTER
        else:
            self._arrange(ft.TextAlign.START, ft.CrossAxisAlignment.START, ft.MainAxisAlignment.START)
            self._words.expand = True
            self._place.content = ft.Row(
                [self._avatar.control, self._words],
                spacing=24,
                vertical_alignment=ft.CrossAxisAlignment.CENTER,
            )
            self._place.alignment = None

    def _arrange(
        self, text: ft.TextAlign, across: ft.CrossAxisAlignment, actions: ft.MainAxisAlignment
    ) -> None:
        self._name.text_align = self._bio.text_align = text
        self._words.horizontal_alignment = across
        self._actions.alignment = actions
