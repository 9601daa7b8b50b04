"""The people of a journey: who they are to the backend, and what the app must show of them now."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from journeys.pictures import Picture


@dataclass(slots=True, kw_only=True)
class Person:
    """Someone with an account.

    `name` and `picture` are what every surface must show at this moment; the runner keeps them in step with
    what the journey changes. `picture` is the backend's default avatar for people without one of their own.
    """

    id: str
    name: str
    email: str
    picture: Picture
    password: str = field(repr=False)
    token: str = field(repr=False)


def fresh_email(name: str) -> str:
    """Return an e-mail address nobody has, in which a name can be recognised."""
    # A name may hold what an address may not: "Zoë's other device".
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "someone"
    return f"{readable}-{secrets.token_hex(6)}@example.test"
