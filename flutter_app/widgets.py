"""What several screens are made of: pictures of people, posts, notices, and panels for what isn't there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import flet as ft

from flutter_app import semantics, theme, writing
from flutter_app.model import PersonProfile, PostContent


class AvatarView:
    """Show a person's picture; a new one takes the old one's place without a gap or a fade.

    Material's own CircleAvatar cross-fades, which shows neither picture for a fifth of a second.
    """

    def __init__(self, profile: PersonProfile, *, size: int, identifier: str) -> None:
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

    def show(self, profile: PersonProfile) -> None:
        """Show the picture and name as they are now."""
        self._image.src = profile.avatar.url_for(self._size)
        self._node.label = _label(profile)
        self._node.update()


def _label(profile: PersonProfile) -> str:
    return f"Avatar of {profile.title}"


def format_age(then: datetime, now: datetime) -> str:
    """Say how long ago `then` was; from a week on, the date."""
    passed = now - then
    if passed < timedelta(minutes=1):
        return "just now"
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} min"
    if passed < timedelta(days=1):
        return f"{passed // timedelta(hours=1)} h"
    if passed < timedelta(days=7):
        return f"{passed.days} d"
    return f"{then.day} {then:%b %Y}"


class PostCard:
    """Show a post; with `open_author`, called for the author's route, there is a button that leads there."""

    def __init__(
        self, post: PostContent, *, open_author: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self.post = post
        self._author = post.author
        self._opens = open_author is not None
        person = post.author.id
        self._avatar = AvatarView(post.author, size=theme.POST_AVATAR, identifier=f"post-avatar-by-{person}")
        self._name = writing.text(
            post.author.title,
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
        words = writing.text(post.text, theme_style=ft.TextThemeStyle.BODY_LARGE)
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

    def show_author(self, profile: PersonProfile) -> None:
        """Show the author as they are now, if this post is theirs and that is news."""
        known = self._author
        if profile.id != known.id or profile.version <= known.version:
            return
        self._author = profile
        self._avatar.show(profile)
        if writing.rewrite(self._name, profile.title):
            self._name.update()
            self._open.tooltip = _open_label(profile)
            if self._opens:
                self._open.update()

    def tick(self, now: datetime) -> None:
        """Say again how long ago the post was written."""
        if self._set_time(now):
            self._time.update()

    def _set_time(self, now: datetime) -> bool:
        before, self._time.value = self._time.value, format_age(self.post.created_at, now)
        return before != self._time.value


def _open_label(profile: PersonProfile) -> str:
    return f"View {profile.title}"


class Notice:
    """Say that something worked, or why not, in a place kept free so that nothing moves.

    `reserve` keeps that place also while there is nothing to say.
    """

    def __init__(self, identifier: str, *, reserve: int = 0) -> None:
        self._icon = ft.Icon(ft.Icons.CHECK_CIRCLE_OUTLINE, size=20)
        self._text = ft.Text(expand=True, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS)
        self._bar = ft.Container(
            ft.Row([self._icon, self._text], spacing=12, vertical_alignment=ft.CrossAxisAlignment.CENTER),
            padding=ft.Padding.symmetric(horizontal=theme.PADDING, vertical=10),
            border_radius=12,
        )
        self._node = semantics.text(identifier, self._bar, live=True)
        self._node.visible = False
        self._progress = ft.ProgressBar(visible=False, border_radius=2, bar_height=4)
        self.control = ft.Container(
            ft.Column([self._progress, self._node], spacing=0, alignment=ft.MainAxisAlignment.CENTER),
            height=reserve or None,
        )

    def show_success(self, words: str) -> None:
        """Say that something worked."""
        self._say(
            words,
            ft.Icons.CHECK_CIRCLE_OUTLINE,
            ft.Colors.SECONDARY_CONTAINER,
            ft.Colors.ON_SECONDARY_CONTAINER,
        )

    def show_failure(self, words: str) -> None:
        """Say what went wrong and what to do."""
        self._say(words, ft.Icons.ERROR_OUTLINE, ft.Colors.ERROR_CONTAINER, ft.Colors.ON_ERROR_CONTAINER)

    def show_progress(self) -> None:
        """Show that something is under way, in the place of what was said before."""
        self._node.visible = False
        self._progress.visible = True
        self.control.update()

    def clear(self) -> None:
        """Say nothing."""
        self._node.visible = False
        self._progress.visible = False
        self.control.update()

    def _say(self, words: str, icon: ft.IconData, background: str, foreground: str) -> None:
        self._text.value = words
        self._text.color = foreground
        self._icon.icon = icon
        self._icon.color = foreground
        self._bar.bgcolor = background
        self._node.visible = True
        self._progress.visible = False
        self.control.update()


def loading_placeholder() -> ft.Control:
    """Show the outlines of what is on its way.

    They lie still: an animation would keep the browser busy just when the first real frame is to be painted.
    """
    return ft.Semantics(
        identifier="loading",
        label="Loading",
        container=True,
        exclude_semantics=True,
        content=ft.Column([_outline(words) for words in (220, 150, 190)], spacing=12),
    )


def _outline(words: int) -> ft.Control:
    def bar(width: int) -> ft.Control:
        return ft.Container(width=width, height=14, border_radius=7, bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH)

    circle = ft.Container(
        width=theme.POST_AVATAR,
        height=theme.POST_AVATAR,
        border_radius=theme.POST_AVATAR / 2,
        bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
    )
    return theme.card(ft.Row([circle, ft.Column([bar(100), bar(words)], spacing=10)], spacing=12))


def empty_panel(identifier: str, icon: ft.IconData, title: str, words: str) -> ft.Control:
    """Say that there is nothing here yet, and what would change that."""
    return _panel(identifier, icon, title, words, [])


def error_panel(words: str, retry: Callable[[], Awaitable[None]]) -> ft.Control:
    """Say why something can't be shown, with a way to try again."""
    button = semantics.control(
        "retry", ft.FilledTonalButton("Try again", icon=ft.Icons.REFRESH, on_click=retry)
    )
    return _panel("problem", ft.Icons.CLOUD_OFF_OUTLINED, "That didn't work", words, [button])


def _panel(
    identifier: str, icon: ft.IconData, title: str, words: str, actions: list[ft.Control]
) -> ft.Control:
    says = ft.Column(
        [
            ft.Text(title, theme_style=ft.TextThemeStyle.TITLE_MEDIUM, text_align=ft.TextAlign.CENTER),
            ft.Text(
                words,
                theme_style=ft.TextThemeStyle.BODY_MEDIUM,
                color=ft.Colors.ON_SURFACE_VARIANT,
                text_align=ft.TextAlign.CENTER,
            ),
        ],
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        spacing=4,
        tight=True,
    )
    return ft.Container(
        ft.Column(
            [
                semantics.decoration(ft.Icon(icon, size=48, color=ft.Colors.OUTLINE)),
                semantics.text(identifier, says),
                *actions,
            ],
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            spacing=theme.PADDING,
        ),
        padding=48,
        alignment=ft.Alignment.CENTER,
    )
