"""The sixty seeded changes, five to ten of each kind, over three screens."""

from __future__ import annotations

from typing import Final

import flet as ft

from benches._screens_app import SEED, Change, Edit, Screen, lighter, portrait

PRIMARY: Final = "#00696b"
OUTLINE: Final = "#bec9c8"


def put(part: str, **attributes: object) -> Edit:
    """Give a part of a screen other attributes."""

    def edit(screen: Screen) -> None:
        for name, value in attributes.items():
            # A typing error here must not become a change that nobody can see.
            if not hasattr(screen[part], name):
                raise AttributeError(f"{part} has no {name}")
            setattr(screen[part], name, value)

    return edit


def without(holder: str, part: str) -> Edit:
    """Take a part out of what holds it."""

    def edit(screen: Screen) -> None:
        controls = screen[holder].controls  # type: ignore[attr-defined]  # rows, columns and stacks have some
        controls.remove(screen[part])

    return edit


def swapped(holder: str, one: int, other: int) -> Edit:
    """Swap two of the parts that something holds."""

    def edit(screen: Screen) -> None:
        controls = screen[holder].controls  # type: ignore[attr-defined]  # rows, columns and stacks have some
        controls[one], controls[other] = controls[other], controls[one]

    return edit


def theme(mode: ft.ThemeMode = ft.ThemeMode.LIGHT, seed: str = SEED) -> Edit:
    """Show a screen in another theme."""

    def edit(screen: Screen) -> None:
        screen.theme_mode, screen.seed = mode, seed

    return edit


def padded(part: str, **sides: float) -> Edit:
    """Give a part another padding."""
    return put(part, padding=ft.Padding.only(**sides))


CHANGES: Final[tuple[Change, ...]] = tuple(
    Change(kind, screen, what, edit)
    for kind, screen, what, edit in [
        # One pixel, at one device pixel to a logical one.
        ("1 px move", "profile", "the save button, right", put("save", left=25)),
        ("1 px move", "profile", "the save button, down", put("save", top=497)),
        ("1 px move", "profile", "the portrait, right", put("picture", left=25)),
        ("1 px move", "profile", "the name, down", put("name", top=97)),
        ("1 px move", "profile", "the role, left", put("role", left=167)),
        ("1 px move", "profile", "the badge, down", put("badge", top=89)),
        ("1 px move", "profile", "the rule, up", put("rule", top=387)),
        ("1 px move", "profile", "the settings icon, left", put("settings", left=349)),
        ("1 px move", "settings", "a card, right", put("over", left=151)),
        ("1 px move", "feed", "all below the header", padded("header", left=16, top=16, right=16, bottom=17)),
        # Eight of 255 levels, in all channels or in one.
        ("colour +3 %", "profile", "the save button", put("save", bgcolor=lighter(PRIMARY))),
        ("colour +3 %", "profile", "the figures' ground", put("figures", bgcolor=lighter("#e0eceb"))),
        ("colour +3 %", "profile", "the role's words", put("role", color=lighter("#3f4948"))),
        ("colour +3 %", "profile", "the rule", put("rule", bgcolor=lighter(OUTLINE))),
        ("colour +3 %", "profile", "the badge, in blue", put("badge", bgcolor="#006973")),
        ("colour +3 %", "feed", "a card's ground", put("card-1", bgcolor=lighter("#ffffff"))),
        ("colour +3 %", "feed", "the header", put("header", bgcolor=lighter("#e0eceb"))),
        ("colour +3 %", "feed", "the time of a post", put("time-2", color=lighter("#3f4948"))),
        ("colour +3 %", "settings", "a card, in red", put("over", bgcolor="#f7dcc2")),
        ("colour +3 %", "settings", "an icon", put("mail-icon", color=lighter("#3f4948"))),
        ("missing part", "profile", "the save button's icon", put("save", icon=None)),
        ("missing part", "profile", "the settings icon", without("stack", "settings")),
        ("missing part", "profile", "the badge", without("picture", "badge")),
        ("missing part", "profile", "the rule", without("stack", "rule")),
        ("missing part", "feed", "a like button", put("like-1", visible=False)),
        ("missing part", "feed", "a time", without("head-2", "time-2")),
        ("missing part", "settings", "an icon", put("sound-icon", opacity=0)),
        ("missing part", "settings", "the sign-out icon", put("out", icon=None)),
        ("font weight", "profile", "the name", put("name", weight=ft.FontWeight.BOLD)),
        ("font weight", "profile", "the title", put("title", weight=ft.FontWeight.BOLD)),
        ("font weight", "profile", "the role", put("role", weight=ft.FontWeight.BOLD)),
        ("font weight", "feed", "an author", put("author-0", weight=ft.FontWeight.W_600)),
        ("font weight", "feed", "a post", put("text-3", weight=ft.FontWeight.BOLD)),
        ("font weight", "settings", "a row", put("sound-title", weight=ft.FontWeight.BOLD)),
        ("truncated text", "profile", "the name", put("name", width=120)),
        ("truncated text", "feed", "a post, after one line", put("text-2", max_lines=1)),
        ("truncated text", "feed", "a post, after two", put("text-2", max_lines=2)),
        ("truncated text", "feed", "an author", put("author-3", width=80, max_lines=1)),
        ("z-order", "settings", "the cards", swapped("cards", 0, 1)),
        ("z-order", "profile", "the badge behind the portrait", swapped("picture", 0, 1)),
        ("z-order", "profile", "the rule over the field", put("rule", top=412)),
        ("wrong theme", "profile", "dark", theme(ft.ThemeMode.DARK)),
        ("wrong theme", "feed", "dark", theme(ft.ThemeMode.DARK)),
        ("wrong theme", "settings", "dark", theme(ft.ThemeMode.DARK)),
        ("wrong theme", "settings", "another seed", theme(seed="#00696f")),
        ("wrong words", "profile", "the button", put("save", content="Safe")),
        ("wrong words", "profile", "a letter of the role", put("role", value="Analyst of engine5")),
        ("wrong words", "feed", "a minute", put("time-0", value="3 min ago")),
        ("wrong words", "settings", "the title", put("title", value="Setting")),
        ("wrong picture", "feed", "another person's", put("avatar-1", src=portrait(0.85))),
        ("wrong picture", "profile", "the portrait, another hue", put("portrait", src=portrait(0.65))),
        ("wrong icon", "feed", "liked", put("like-0", icon=ft.Icons.FAVORITE)),
        ("wrong icon", "settings", "muted", put("sound-icon", icon=ft.Icons.VOLUME_OFF)),
        ("state", "settings", "a switch", put("mail", value=False)),
        ("state", "settings", "a box", put("terms", value=False)),
        ("state", "settings", "the slider", put("size", value=5)),
        ("state", "profile", "a button is disabled", put("cancel", disabled=True)),
        ("shape", "profile", "the figures' corners", put("figures", border_radius=10)),
        ("shape", "feed", "a card's border", put("card-2", border=ft.Border.all(2, OUTLINE))),
        ("shape", "feed", "the portrait is square", put("avatar-0", border_radius=0)),
    ]
)
