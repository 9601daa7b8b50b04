"""What a command is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fake_android.uiautomator2.body import Body
from fake_android.uiautomator2.session import Session


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a command: its session, the names in its path, and its body."""

    session: Session
    path: Mapping[str, str]
    body: Body


Command = Callable[[Call], Awaitable[Any]]
