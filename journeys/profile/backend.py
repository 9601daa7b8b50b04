"""What a journey needs of a backend: people to play, and word of every change it makes durable."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from journeys.commits import Commit
from journeys.errors import UsageError
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


class Backend(Protocol):
    """What a journey needs of a backend. Implement it to point the journeys at a backend of your own.

    Every method raises `InfrastructureError` where the backend can't be reached or doesn't do as asked.
    """

    async def create_person(self, name: str, *, email: str | None = None) -> Person:
        """Create an account with a fresh e-mail address and no picture of its own."""
        ...

    async def find_person(self, email: str, password: str) -> Person:
        """Return a person who created an account in the app."""
        ...

    async def set_picture(self, person: Person, picture: Picture) -> None:
        """Give a person a picture without going through the app."""
        ...

    async def write_post(self, person: Person, text: str) -> None:
        """Publish a post in a person's name without going through the app."""
        ...

    async def default_picture(self) -> Picture:
        """Return what is shown for people without a picture of their own."""
        ...

    def listen(self, key: str) -> AbstractAsyncContextManager[AsyncIterator[Commit]]:
        """Hear of every change to the person with an id that becomes durable while the context is open."""
        ...


class NoBackend:
    """Stands in the place of a `Backend` where there is none: whoever asks something of it is told so.

    Every method raises `UsageError`; `why` is its text.
    """

    def __init__(self, why: str) -> None:
        self._why = why

    async def create_person(self, name: str, *, email: str | None = None) -> Person:  # noqa: ARG002 - as all have it
        """Say that there is nobody who could."""
        raise self._error("makes an account")

    async def find_person(self, email: str, password: str) -> Person:  # noqa: ARG002 - as above
        """Say that there is nobody who could."""
        raise self._error("looks an account up")

    async def set_picture(self, person: Person, picture: Picture) -> None:  # noqa: ARG002 - as above
        """Say that there is nobody who could."""
        raise self._error("gives somebody a picture")

    async def write_post(self, person: Person, text: str) -> None:  # noqa: ARG002 - as above
        """Say that there is nobody who could."""
        raise self._error("writes a post")

    async def default_picture(self) -> Picture:
        """Say that there is nobody who could."""
        raise self._error("asks for the default picture")

    def listen(self, key: str) -> AbstractAsyncContextManager[AsyncIterator[Commit]]:  # noqa: ARG002 - as above
        """Say that there is nobody who could."""
        raise self._error("listens for commits")

    def _error(self, what: str) -> UsageError:
        return UsageError(f"the journey {what}, and has no backend for it: {self._why}")


def fresh_email(name: str) -> str:
    """Return an e-mail address nobody has, in which a name can be recognised."""
    # A name may hold what an address may not: "Zoë's other device".
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "someone"
    return f"{readable}-{secrets.token_hex(6)}@example.test"
