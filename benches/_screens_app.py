"""Three Flutter screens, drawn by the real engine, and sixty changes that somebody might make to them.

A change does one thing to a freshly built screen: moves a part by a pixel, makes a colour 3 % lighter, loses
an icon. Every screen is drawn by itself, in a page that is kept.
"""

from __future__ import annotations

import base64
import colorsys
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import flet as ft
import numpy as np
from PIL import Image

VIEWPORT: Final = (412, 915)
SEED: Final = "#00696b"

Edit = Callable[["Screen"], None]


@dataclass
class Screen:
    """A screen before it is shown: its parts by name, and the theme it is shown in."""

    name: str
    body: ft.Control
    parts: dict[str, ft.Control] = field(default_factory=dict)
    theme_mode: ft.ThemeMode = ft.ThemeMode.LIGHT
    seed: str = SEED

    def __getitem__(self, part: str) -> ft.Control:
        return self.parts[part]


@dataclass(frozen=True)
class Change:
    """Something done to a screen; `kind` is what sort of change it is."""

    kind: str
    screen: str
    what: str
    edit: Edit


def portrait(hue: float) -> str:
    """Return a made-up portrait as the address of an image."""
    side = 192
    y, x = np.mgrid[0:side, 0:side] / side
    lightness = 0.35 + 0.3 * np.sin(9 * x * (1 + hue) + 4 * np.cos(7 * y + hue * 9))
    red, green, blue = colorsys.hls_to_rgb(hue, 0.5, 0.7)
    pixels = np.stack(
        [np.clip((lightness + part - 0.4) * 255, 0, 255) for part in (red, green, blue)], axis=2
    )
    stored = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(stored, "PNG")
    return "data:image/png;base64," + base64.b64encode(stored.getvalue()).decode()


def profile() -> Screen:
    """Build a profile: a picture with a badge on it, a name, words, figures, a form."""
    parts: dict[str, ft.Control] = {}
    parts["title"] = ft.Text("Profile", size=22, weight=ft.FontWeight.W_500)
    parts["settings"] = ft.IconButton(ft.Icons.SETTINGS, tooltip="Settings", left=350, top=8)
    parts["portrait"] = ft.Image(
        src=portrait(0.6),
        width=120,
        height=120,
        border_radius=60,
        semantics_label="Avatar of Ada",
        fit=ft.BoxFit.COVER,
    )
    parts["badge"] = ft.Container(
        ft.Icon(ft.Icons.CHECK, size=20, color="#ffffff"),
        left=88,
        top=88,
        width=32,
        height=32,
        border_radius=16,
        bgcolor="#00696b",
        alignment=ft.Alignment.CENTER,
    )
    parts["picture"] = ft.Stack([parts["portrait"], parts["badge"]], width=120, height=120, left=24, top=80)
    parts["name"] = ft.Text(
        "Ada Lovelace",
        size=24,
        weight=ft.FontWeight.W_400,
        left=168,
        top=96,
        width=230,
        max_lines=1,
        overflow=ft.TextOverflow.ELLIPSIS,
    )
    parts["role"] = ft.Text("Analyst of engines", size=14, color="#3f4948", left=168, top=130)
    parts["about"] = ft.Text(
        "Writes about numbers that weave, engines that think, and what both leave to people.",
        size=16,
        left=24,
        top=220,
        width=364,
    )
    parts["figures"] = ft.Container(
        ft.Row(
            [ft.Text("12 posts", size=16), ft.Text("348 followers", size=16), ft.Text("27 friends", size=16)],
            alignment=ft.MainAxisAlignment.SPACE_AROUND,
        ),
        left=24,
        top=300,
        width=364,
        height=64,
        bgcolor="#e0eceb",
        border_radius=12,
        border=ft.Border.all(1, "#bec9c8"),
    )
    parts["rule"] = ft.Container(left=24, top=388, width=364, height=1, bgcolor="#bec9c8")
    parts["field"] = ft.TextField(label="Name", value="Ada Lovelace", left=24, top=412, width=364)
    parts["save"] = ft.FilledButton(
        "Save", icon=ft.Icons.SAVE, left=24, top=496, width=176, height=48, bgcolor="#00696b", color="#ffffff"
    )
    parts["cancel"] = ft.OutlinedButton("Cancel", left=212, top=496, width=176, height=48)
    parts["title"].left, parts["title"].top = 24, 20  # type: ignore[attr-defined]  # a Text is placed like any
    order = [
        "title",
        "settings",
        "picture",
        "name",
        "role",
        "about",
        "figures",
        "rule",
        "field",
        "save",
        "cancel",
    ]
    stack = parts["stack"] = ft.Stack([parts[name] for name in order], width=VIEWPORT[0], height=VIEWPORT[1])
    return Screen("profile", stack, parts)


def feed() -> Screen:
    """Build a feed: cards in a column, each with a picture, words and buttons."""
    parts: dict[str, ft.Control] = {}
    people = [("Ada Lovelace", 0.6), ("Grace Hopper", 0.1), ("Alan Turing", 0.3), ("Mary Somerville", 0.85)]
    texts = [
        "The engine weaves algebraic patterns.",
        "Found a moth in the relay today; it is in the log.",
        "Can machines think? Let us ask them something they have not been told.",
        "On the connexion of the physical sciences, second edition.",
    ]
    cards: list[ft.Control] = []
    for number, ((name, hue), text) in enumerate(zip(people, texts, strict=True)):
        parts[f"avatar-{number}"] = ft.Image(
            src=portrait(hue),
            width=48,
            height=48,
            border_radius=24,
            semantics_label=f"Avatar of {name}",
            fit=ft.BoxFit.COVER,
        )
        parts[f"author-{number}"] = ft.Text(name, size=16, weight=ft.FontWeight.W_500)
        parts[f"time-{number}"] = ft.Text(f"{number + 2} min ago", size=12, color="#3f4948")
        parts[f"text-{number}"] = ft.Text(text, size=16, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS)
        parts[f"like-{number}"] = ft.IconButton(ft.Icons.FAVORITE_BORDER, tooltip=f"Like the post of {name}")
        parts[f"head-{number}"] = ft.Row([parts[f"author-{number}"], parts[f"time-{number}"]], spacing=8)
        words = ft.Column([parts[f"head-{number}"], parts[f"text-{number}"]], expand=True, spacing=2)
        parts[f"card-{number}"] = ft.Container(
            ft.Row(
                [parts[f"avatar-{number}"], words, parts[f"like-{number}"]],
                spacing=12,
                vertical_alignment=ft.CrossAxisAlignment.START,
            ),
            padding=16,
            border_radius=16,
            bgcolor="#ffffff",
            border=ft.Border.all(1, "#bec9c8"),
        )
        cards.append(parts[f"card-{number}"])
    parts["title"] = ft.Text("Feed", size=22, weight=ft.FontWeight.W_500)
    parts["header"] = ft.Container(parts["title"], padding=16, bgcolor="#e0eceb")
    column = parts["column"] = ft.Column(
        [
            parts["header"],
            *(ft.Container(card, padding=ft.Padding.symmetric(horizontal=12)) for card in cards),
        ],
        spacing=12,
    )
    return Screen("feed", column, parts)


def settings() -> Screen:
    """Build settings: rows with switches, boxes to tick, a slider, a card that lies over another."""
    parts: dict[str, ft.Control] = {}
    rows: list[ft.Control] = []
    for name, title, on in (
        ("mail", "News by mail", True),
        ("sound", "Sounds", False),
        ("motion", "Less motion", True),
    ):
        parts[f"{name}-icon"] = ft.Icon(
            {"mail": ft.Icons.MAIL, "sound": ft.Icons.VOLUME_UP, "motion": ft.Icons.ANIMATION}[name],
            color="#3f4948",
        )
        parts[f"{name}-title"] = ft.Text(title, size=16, expand=True)
        parts[name] = ft.Switch(value=on)
        parts[f"{name}-row"] = ft.Row(
            [parts[f"{name}-icon"], parts[f"{name}-title"], parts[name]], spacing=16
        )
        rows.append(parts[f"{name}-row"])
    parts["title"] = ft.Text("Settings", size=22, weight=ft.FontWeight.W_500)
    parts["terms"] = ft.Checkbox(label="I have read the terms", value=True)
    parts["size-title"] = ft.Text("Text size", size=14, color="#3f4948")
    parts["size"] = ft.Slider(min=0, max=10, value=4)
    parts["progress"] = ft.ProgressBar(value=0.4, width=364)
    parts["under"] = ft.Container(
        ft.Text("Plan: free", size=16),
        left=0,
        top=0,
        width=220,
        height=80,
        padding=16,
        bgcolor="#cce8e7",
        border_radius=12,
    )
    parts["over"] = ft.Container(
        ft.Text("Upgrade", size=16),
        left=150,
        top=36,
        width=200,
        height=80,
        padding=16,
        bgcolor="#ffdcc2",
        border_radius=12,
    )
    parts["cards"] = ft.Stack([parts["under"], parts["over"]], width=364, height=130)
    parts["out"] = ft.TextButton("Sign out", icon=ft.Icons.LOGOUT)
    parts["rule"] = ft.Divider(height=1, color="#bec9c8")
    column = parts["column"] = ft.Column(
        [
            parts["title"],
            *rows,
            parts["rule"],
            parts["terms"],
            parts["size-title"],
            parts["size"],
            parts["progress"],
            parts["cards"],
            parts["out"],
        ],
        spacing=16,
    )
    return Screen("settings", ft.Container(column, padding=24), parts)


SCREENS: Final[dict[str, Callable[[], Screen]]] = {"profile": profile, "feed": feed, "settings": settings}


def lighter(colour: str, by: float = 0.03) -> str:
    """Return a colour each of whose channels is so much of the scale nearer to the other end of it."""
    channels = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    step = round(255 * by)
    return "#" + "".join(f"{level + step if level + step <= 255 else level - step:02x}" for level in channels)
