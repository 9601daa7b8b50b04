"""Texts that people wrote, each read from where its first letter says: from the left or from the right."""

from __future__ import annotations

import unicodedata
from typing import Any

import flet as ft


def is_right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction is of a script that is written from right to left."""
    directions = map(unicodedata.bidirectional, text)
    return next((each for each in directions if each in {"L", "R", "AL"}), "L") != "L"


def text(words: str, **options: Any) -> ft.Text:
    """Make a widget that shows what somebody wrote."""
    return ft.Text(words, rtl=is_right_to_left(words), **options)


def rewrite(widget: ft.Text, words: str) -> bool:
    """Have a widget show other words; tells whether they are others."""
    if widget.value == words:
        return False
    widget.value, widget.rtl = words, is_right_to_left(words)
    return True
