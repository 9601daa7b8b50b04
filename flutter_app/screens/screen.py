"""What every screen is, and what it may ask of the tab it is shown in."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Protocol

import flet as ft

from flutter_app import semantics
from flutter_app.backend import BackendClient, RequestError, Session
from flutter_app.model import Account, PersonProfile, PostContent, SignInResult
from flutter_app.widgets import empty_panel


class Shell(Protocol):
    """The tab around a screen."""

    @property
    def backend(self) -> BackendClient:
        """The backend."""
        ...

    @property
    def account(self) -> Account | None:
        """Who is signed in in this browser."""
        ...

    @property
    def session(self) -> Session:
        """The sign-in of who is signed in; one whose tokens are empty when nobody is."""
        ...

    @property
    def width(self) -> float:
        """The window's width in logical pixels."""
        ...

    def choose_newest(self, profile: PersonProfile) -> PersonProfile:
        """Choose between a profile just read and what an event has said about the same person meanwhile."""
        ...

    async def go(self, route: str) -> None:
        """Open a route."""
        ...

    async def enter(self, signed_in: SignInResult, route: str) -> None:
        """Sign in, remember it in the browser, and go on to a route."""
        ...

    def update_account(self, account: Account) -> None:
        """Show one's own account as the backend has just said it is."""
        ...

    async def explain(self, error: RequestError) -> str:
        """Find the words for an error; signs out where the backend no longer takes the token."""
        ...


class Screen:
    """One place in the app: a widget, what to read for it, and what to do when something changes.

    `load` may be called again at any time to catch up with the backend.
    """

    title = ""
    control: ft.Control

    def __init__(self, shell: Shell) -> None:
        self.shell = shell

    async def load(self) -> None:
        """Read what the screen shows."""

    def show_profile(self, profile: PersonProfile) -> None:
        """Show somebody as they are now, wherever they are on this screen."""

    def show_post(self, post: PostContent) -> None:
        """Show a new post if it belongs here."""

    def remove_post(self, post_id: str) -> None:
        """Take away a post if it is here."""

    def remove_person(self, person_id: str) -> None:
        """Take away a person, and whatever is by them."""

    def resize(self, width: float) -> None:
        """Fit the screen to the window's width."""

    def tick(self, now: datetime) -> None:
        """Say again how long ago things were."""


class MissingScreen(Screen):
    """Say that the address leads nowhere, and offer the way back."""

    title = "Not found"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        home = partial(shell.go, "/")
        self.control = ft.Column(
            [
                empty_panel(
                    "missing", ft.Icons.EXPLORE_OFF_OUTLINED, "Nothing here", "This address leads nowhere."
                ),
                semantics.control("missing-home", ft.FilledTonalButton("Go to the feed", on_click=home)),
            ],
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            expand=True,
        )
