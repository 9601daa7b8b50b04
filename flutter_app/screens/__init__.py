"""The app's screens, one module each, and which route leads to which."""

from __future__ import annotations

import re

from flutter_app.screens.entry import RegisterScreen, SignInScreen
from flutter_app.screens.feed import FeedScreen
from flutter_app.screens.me import MeScreen
from flutter_app.screens.person import PersonScreen
from flutter_app.screens.screen import MissingScreen, Screen, Shell

__all__ = ["Screen", "Shell", "screen_for"]

_PERSON = re.compile(r"/people/([0-9A-Za-z-]+)")


def screen_for(route: str, shell: Shell) -> Screen:
    """Make the screen a route leads to."""
    path = route.partition("?")[0].rstrip("/") or "/"
    if path == "/":
        return FeedScreen(shell)
    if path == "/sign-in":
        return SignInScreen(shell)
    if path == "/register":
        return RegisterScreen(shell)
    if path == "/me":
        return MeScreen(shell, shell.account) if shell.account else SignInScreen(shell, then="/me")
    if person := _PERSON.fullmatch(path):
        return PersonScreen(shell, person[1])
    return MissingScreen(shell)
