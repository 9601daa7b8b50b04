"""A person at the top of a profile screen: the large picture, the name, a few words."""

from __future__ import annotations

from datetime import datetime

import flet as ft

from flutter_app import semantics, theme, writing
from flutter_app.backend import Rejected, RequestError
from flutter_app.model import PersonProfile, PostContent
from flutter_app.screens.screen import Screen, Shell
from flutter_app.widgets import AvatarView, PostCard, empty_panel, error_panel, loading_placeholder


class Identity:
    """Show who somebody is; picture beside the words where there is room, above them on a phone."""

    def __init__(
        self,
        profile: PersonProfile,
        *,
        width: float,
        email: str = "",
        actions: list[ft.Control] | None = None,
    ) -> None:
        self._profile = profile
        self._avatar = AvatarView(profile, size=theme.PROFILE_AVATAR, identifier="profile-avatar")
        self._name = writing.text(profile.title, theme_style=ft.TextThemeStyle.HEADLINE_SMALL)
        self._bio = writing.text(profile.bio, theme_style=ft.TextThemeStyle.BODY_LARGE)
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

    def show(self, profile: PersonProfile) -> bool:
        """Show the person as they are now; tells whether that was news, which somebody else's never is."""
        if profile.id != self._profile.id or profile.version <= self._profile.version:
            return False
        self._profile = profile
        self._avatar.show(profile)
        if writing.rewrite(self._name, profile.title):
            self._name.update()
        if writing.rewrite(self._bio, profile.bio):
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


class PersonScreen(Screen):
    """What anybody may see of a person."""

    title = "Profile"

    def __init__(self, shell: Shell, person_id: str) -> None:
        super().__init__(shell)
        self._person_id = person_id
        self._identity: Identity | None = None
        self._cards: list[PostCard] = []
        self._list = ft.ListView(
            [loading_placeholder()], spacing=12, expand=True, build_controls_on_demand=False
        )
        self.resize(shell.width)
        self.control = semantics.group("profile", self._list, expand=True)

    async def load(self) -> None:
        """Read the profile and the newest posts."""
        try:
            profile = self.shell.choose_newest(await self.shell.backend.person(self._person_id))
            posts = await self.shell.backend.posts_by(self._person_id)
        except RequestError as error:
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
        self.show_profile(self.shell.choose_newest(profile))

    def show_profile(self, profile: PersonProfile) -> None:
        """Show the person as they are now."""
        if profile.id != self._person_id or self._identity is None:
            return
        self._identity.show(profile)
        for card in self._cards:
            card.show_author(profile)

    def show_post(self, post: PostContent) -> None:
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
            self._list.controls = [_nobody_panel()]
            self._list.update()

    def resize(self, width: float) -> None:
        """Centre the column, with the scroll bar at the window's edge."""
        self._list.padding = ft.Padding.symmetric(horizontal=theme.gutter(width), vertical=theme.PADDING)
        if self._identity is not None:
            self._identity.resize(width)

    def tick(self, now: datetime) -> None:
        """Say again how long ago the posts were written."""
        for card in self._cards:
            card.tick(now)

    def _card(self, post: PostContent) -> PostCard:
        return PostCard(post)

    def _problem(self, error: RequestError, words: str) -> ft.Control:
        if isinstance(error, Rejected) and error.status in {404, 422}:
            return _nobody_panel()
        return error_panel(words, self.load)

    def _arrange(self) -> None:
        if self._identity is None:
            return
        rest: list[ft.Control] = [card.control for card in self._cards]
        if not rest:
            rest = [empty_panel("profile-empty", ft.Icons.FORUM_OUTLINED, "No posts yet", "Come back later.")]
        self._list.controls = [self._identity.control, *rest]
        self._list.update()


def _nobody_panel() -> ft.Control:
    return empty_panel(
        "profile-missing",
        ft.Icons.PERSON_OFF_OUTLINED,
        "Nobody here",
        "There is no profile at this address. It may have been mistyped.",
    )
