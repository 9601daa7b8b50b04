"""Somebody's public profile and their posts."""

from __future__ import annotations

from datetime import datetime

import flet as ft

from flutter_app import semantics, states, theme
from flutter_app.errors import BackendError, Refused
from flutter_app.model import Post, Profile
from flutter_app.post_card import PostCard
from flutter_app.screens.identity import Identity
from flutter_app.screens.screen import Screen, Shell


class PersonScreen(Screen):
    """What anybody may see of a person."""

    title = "Profile"

    def __init__(self, shell: Shell, person_id: str) -> None:
        super().__init__(shell)
        self._person_id = person_id
        self._identity: Identity | None = None
        self._cards: list[PostCard] = []
        self._list = ft.ListView([states.loading()], spacing=12, expand=True, build_controls_on_demand=False)
        self.resize(shell.width)
        self.control = semantics.group("profile", self._list, expand=True)

    async def load(self) -> None:
        """Read the profile and the newest posts."""
        try:
            profile = self.shell.newest(await self.shell.backend.person(self._person_id))
            posts = await self.shell.backend.posts_by(self._person_id)
        except BackendError as error:
            words = await self.shell.explain(error)
            if self._identity is None:
                self._list.controls = [self._problem(error, words)]
                self._list.update()
            return
        if self._identity is None:
            self._identity = Identity(profile, width=self.shell.width)
        known = {card.post.id: card for card in self._cards}
        self._cards = [known.get(post.id) or self._card(post) for post in posts.items]
        self._arrange()
        self.show_profile(self.shell.newest(profile))

    def show_profile(self, profile: Profile) -> None:
        """Show the person as they are now."""
        if profile.id != self._person_id or self._identity is None:
            return
        self._identity.show(profile)
        for card in self._cards:
            card.show_author(profile)

    def show_post(self, post: Post) -> None:
        """Put a new post of theirs at the top."""
        if post.author.id != self._person_id or self._identity is None:
            return
        if all(card.post.id != post.id for card in self._cards):
            self._cards.insert(0, self._card(post))
            self._arrange()

    def remove_post(self, post_id: str) -> None:
        """Take away a post of theirs."""
        cards = [card for card in self._cards if card.post.id != post_id]
        if len(cards) < len(self._cards):
            self._cards = cards
            self._arrange()

    def remove_person(self, person_id: str) -> None:
        """Say that there is nobody here any more."""
        if person_id == self._person_id:
            self._identity, self._cards = None, []
            self._list.controls = [_nobody_here()]
            self._list.update()

    def resize(self, width: float) -> None:
        """Centre the column, with the scroll bar at the window's edge."""
        self._list.padding = ft.Padding.symmetric(horizontal=theme.gutter(width), vertical=theme.PADDING)
        if self._identity is not None:
            self._identity.resize(width)

    def tick(self, now: datetime) -> None:
        """Say anew how long ago the posts were written."""
        for card in self._cards:
            card.tick(now)

    def _card(self, post: Post) -> PostCard:
        return PostCard(post)

    def _problem(self, error: BackendError, words: str) -> ft.Control:
        if isinstance(error, Refused) and error.status in {404, 422}:
            return _nobody_here()
        return states.unable(words, self.load)

    def _arrange(self) -> None:
        if self._identity is None:
            return
        rest: list[ft.Control] = [card.control for card in self._cards]
        if not rest:
            rest = [
                states.empty("profile-empty", ft.Icons.FORUM_OUTLINED, "No posts yet", "Come back later.")
            ]
        self._list.controls = [self._identity.control, *rest]
        self._list.update()


def _nobody_here() -> ft.Control:
    return states.empty(
        "profile-missing",
        ft.Icons.PERSON_OFF_OUTLINED,
        "Nobody here",
        "There is no profile at this address. It may have been mistyped.",
    )
