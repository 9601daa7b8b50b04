"""One post with its author."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import flet as ft

from flutter_app import semantics, theme
from flutter_app.ago import ago
from flutter_app.avatar import AvatarView
from flutter_app.model import Post, Profile


class PostCard:
    """Show a post; with `open_author`, called for the author's route, there is a button that leads there."""

    def __init__(self, post: Post, *, open_author: Callable[[], Awaitable[None]] | None = None) -> None:
        self.post = post
        self._author = post.author
        self._opens = open_author is not None
        person = post.author.id
        self._avatar = AvatarView(post.author, size=theme.POST_AVATAR, identifier=f"post-avatar-by-{person}")
        self._name = ft.Text(
            post.author.display_name,
            theme_style=ft.TextThemeStyle.TITLE_MEDIUM,
            max_lines=1,
            overflow=ft.TextOverflow.ELLIPSIS,
        )
        self._time = ft.Text(theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ON_SURFACE_VARIANT)
        self._open = ft.IconButton(
            ft.Icons.CHEVRON_RIGHT,
            tooltip=_open_label(post.author),
            icon_color=ft.Colors.ON_SURFACE_VARIANT,
            on_click=open_author,
        )
        self._set_time(datetime.now(UTC))
        about = ft.Row(
            [
                semantics.text(f"post-author-by-{person}", self._name, shrinks=True),
                semantics.text(f"post-time-by-{person}", self._time),
            ],
            spacing=theme.GAP,
            vertical_alignment=ft.CrossAxisAlignment.CENTER,
        )
        words = ft.Text(post.text, theme_style=ft.TextThemeStyle.BODY_LARGE)
        said = ft.Column([about, semantics.text(f"post-text-by-{person}", words)], spacing=2, expand=True)
        parts: list[ft.Control] = [self._avatar.control, said]
        if open_author is not None:
            parts.append(semantics.control(f"post-open-by-{person}", self._open))
        self.control = theme.card(
            ft.Row(parts, spacing=12, vertical_alignment=ft.CrossAxisAlignment.START),
            key=post.id,
            padding=ft.Padding.only(
                left=theme.PADDING, top=theme.PADDING, right=theme.GAP, bottom=theme.PADDING
            ),
        )

    def show_author(self, profile: Profile) -> None:
        """Show the author as they are now, if this post is theirs and that is news."""
        known = self._author
        if profile.id != known.id or profile.version <= known.version:
            return
        self._author = profile
        self._avatar.show(profile)
        if profile.display_name != known.display_name:
            self._name.value = profile.display_name
            self._name.update()
            self._open.tooltip = _open_label(profile)
            if self._opens:
                self._open.update()

    def tick(self, now: datetime) -> None:
        """Say anew how long ago the post was written."""
        if self._set_time(now):
            self._time.update()

    def _set_time(self, now: datetime) -> bool:
        before, self._time.value = self._time.value, ago(self.post.created_at, now)
        return before != self._time.value


def _open_label(profile: Profile) -> str:
    return f"View {profile.display_name}"
