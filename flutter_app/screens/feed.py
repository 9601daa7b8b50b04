"""The place at the top of the feed: where to write a post, or how to come to that."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import flet as ft

from flutter_app import semantics, theme
from flutter_app.backend import RequestError
from flutter_app.model import PersonProfile, PostContent
from flutter_app.screens.screen import Screen, Shell
from flutter_app.widgets import Notice, PostCard, empty_panel, error_panel, loading_placeholder


class Compose:
    """A text field and a button that publishes what is in it; Enter does too."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._field = theme.field("What's new?", lines=(1, 5))
        # Enter publishes, Shift+Enter begins a new line.
        self._field.shift_enter = True
        self._field.on_submit = self._post
        self._button = semantics.control("post-submit", ft.FilledButton("Post", on_click=self._post))
        self._notice = Notice("post-error")
        field = semantics.control("post-compose", self._field)
        field.expand = True
        self.control = theme.card(
            ft.Column(
                [
                    ft.Row(
                        [field, self._button],
                        spacing=12,
                        vertical_alignment=ft.CrossAxisAlignment.CENTER,
                    ),
                    self._notice.control,
                ],
                spacing=0,
            ),
            key="compose",
        )

    async def _post(self) -> None:
        text = self._field.value.strip()
        if not text or self._button.disabled:
            return
        self._set_busy(True)
        try:
            await self._shell.backend.post(self._shell.session, text)
        except RequestError as error:
            self._set_busy(False)
            self._notice.show_failure(await self._shell.explain(error))
            return
        self._field.value = ""
        self._notice.clear()
        self._set_busy(False)

    def _set_busy(self, busy: bool) -> None:
        self._button.disabled = busy
        self.control.update()


def invitation(shell: Shell) -> ft.Control:
    """Invite a visitor to join."""
    words = ft.Text(
        "Join to write posts and have a picture of your own.",
        theme_style=ft.TextThemeStyle.BODY_LARGE,
        color=ft.Colors.ON_SECONDARY_CONTAINER,
    )
    button = ft.FilledButton("Create an account", on_click=partial(shell.go, "/register"))
    return ft.Container(
        ft.Row(
            [
                semantics.text("feed-invitation", words, shrinks=True),
                semantics.control("feed-register", button),
            ],
            spacing=theme.PADDING,
            alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
            vertical_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        padding=theme.PADDING,
        border_radius=theme.CORNER,
        bgcolor=ft.Colors.SECONDARY_CONTAINER,
    )


class FeedScreen(Screen):
    """The feed, with a place to write when signed in."""

    title = "Feed"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._top: ft.Control = Compose(shell).control if shell.account else invitation(shell)
        self._cards: list[PostCard] = []
        self._cursor: str | None = None
        self._older = semantics.control(
            "feed-older", ft.OutlinedButton("Show older posts", on_click=self._show_older)
        )
        self._loaded = False
        # Built at once, so that cards keep their state (their pictures) by key when others come in above.
        self._list = ft.ListView(
            [self._top, loading_placeholder()], spacing=12, expand=True, build_controls_on_demand=False
        )
        self.resize(shell.width)
        self.control = semantics.group("feed", self._list, expand=True)

    async def load(self) -> None:
        """Read the newest posts and put them above those already here."""
        try:
            page = await self.shell.backend.feed()
        except RequestError as error:
            words = await self.shell.explain(error)
            if not self._loaded:
                self._list.controls = [self._top, error_panel(words, self.load)]
                self._list.update()
            return
        known = {card.post.id: card for card in self._cards}
        reached = any(post.id in known for post in page.items)
        cards = [known.get(post.id) or self._card(post) for post in page.items]
        if reached and self._loaded:
            listed = {post.id for post in page.items}
            newest, oldest = page.items[0].created_at, page.items[-1].created_at
            # A post that came by event while the page was read is newer than all of it. One that would be
            # among those of the page, and isn't, was removed.
            newer = [c for c in self._cards if c.post.id not in listed and c.post.created_at > newest]
            older = [c for c in self._cards if c.post.id not in listed and c.post.created_at <= oldest]
            cards = [*newer, *cards, *older]
            if not older:
                self._cursor = page.next_cursor
        else:
            self._cursor = page.next_cursor
        self._cards = cards
        self._loaded = True
        self._arrange()
        for post in page.items:
            self.show_profile(self.shell.choose_newest(post.author))

    def show_profile(self, profile: PersonProfile) -> None:
        """Show an author as they are now on every card of theirs."""
        for card in self._cards:
            card.show_author(profile)

    def show_post(self, post: PostContent) -> None:
        """Put a new post at the top."""
        if not self._loaded or any(card.post.id == post.id for card in self._cards):
            return
        self._cards.insert(0, self._card(post))
        self._arrange()

    def remove_post(self, post_id: str) -> None:
        """Take away a post."""
        self._keep([card for card in self._cards if card.post.id != post_id])

    def remove_person(self, person_id: str) -> None:
        """Take away all posts of a person."""
        self._keep([card for card in self._cards if card.post.author.id != person_id])

    def resize(self, width: float) -> None:
        """Centre the column, with the scroll bar at the window's edge."""
        self._list.padding = ft.Padding.symmetric(horizontal=theme.gutter(width), vertical=theme.PADDING)

    def tick(self, now: datetime) -> None:
        """Say again how long ago the posts were written."""
        for card in self._cards:
            card.tick(now)

    def _keep(self, cards: list[PostCard]) -> None:
        if len(cards) < len(self._cards):
            self._cards = cards
            self._arrange()

    def _card(self, post: PostContent) -> PostCard:
        return PostCard(post, open_author=partial(self.shell.go, f"/people/{post.author.id}"))

    def _arrange(self) -> None:
        rest: list[ft.Control] = []
        if not self._cards:
            rest.append(
                empty_panel(
                    "feed-empty", ft.Icons.FORUM_OUTLINED, "No posts yet", "The first one could be yours."
                )
            )
        elif self._cursor:
            rest.append(ft.Row([self._older], alignment=ft.MainAxisAlignment.CENTER))
        self._list.controls = [self._top, *(card.control for card in self._cards), *rest]
        self._list.update()

    async def _show_older(self) -> None:
        self._older.disabled = True
        self._older.update()
        try:
            page = await self.shell.backend.feed(cursor=self._cursor)
        except RequestError:
            # The button stays: pressing it again is the way to try again.
            page = None
        self._older.disabled = False
        if page is not None:
            known = {card.post.id for card in self._cards}
            self._cards += [self._card(post) for post in page.items if post.id not in known]
            self._cursor = page.next_cursor
        self._arrange()
