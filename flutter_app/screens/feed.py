"""Everybody's posts, newest first."""

from __future__ import annotations

from datetime import datetime

import flet as ft

from flutter_app import semantics, states, theme
from flutter_app.errors import BackendError
from flutter_app.model import Post, Profile
from flutter_app.post_card import PostCard
from flutter_app.screens.compose import Compose, invitation
from flutter_app.screens.screen import Screen, Shell


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
            [self._top, states.loading()], spacing=12, expand=True, build_controls_on_demand=False
        )
        self.resize(shell.width)
        self.control = semantics.group("feed", self._list, expand=True)

    async def load(self) -> None:
        """Read the newest posts and put them above those already here."""
        try:
            page = await self.shell.backend.feed()
        except BackendError as error:
            words = await self.shell.explain(error)
            if not self._loaded:
                self._list.controls = [self._top, states.unable(words, self.load)]
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
            self.show_profile(self.shell.newest(post.author))

    def show_profile(self, profile: Profile) -> None:
        """Show an author as they are now on every card of theirs."""
        for card in self._cards:
            card.show_author(profile)

    def show_post(self, post: Post) -> None:
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
        """Say anew how long ago the posts were written."""
        for card in self._cards:
            card.tick(now)

    def _keep(self, cards: list[PostCard]) -> None:
        if len(cards) < len(self._cards):
            self._cards = cards
            self._arrange()

    def _card(self, post: Post) -> PostCard:
        async def open_author() -> None:
            await self.shell.go(f"/people/{post.author.id}")

        return PostCard(post, open_author=open_author)

    def _arrange(self) -> None:
        rest: list[ft.Control] = []
        if not self._cards:
            rest.append(
                states.empty(
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
        except BackendError:
            # The button stays: pressing it again is the way to try again.
            page = None
        self._older.disabled = False
        if page is not None:
            known = {card.post.id for card in self._cards}
            self._cards += [self._card(post) for post in page.items if post.id not in known]
            self._cursor = page.next_cursor
        self._arrange()
