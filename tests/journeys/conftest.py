"""What the tests of the runner's core share: pictures, a world in memory, a registry of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from flutter_bridge import Interval, now
from journeys import InfrastructureError, Picture, PictureBook
from journeys.commits import Commit
from journeys.journey import _registry
from journeys.profile import Person


@dataclass
class Account:
    """What the world knows of somebody."""

    id: str
    name: str
    email: str
    password: str
    picture: Picture
    posts: list[str] = field(default_factory=list)


class World:
    """A backend in memory that tells its watchers and listeners of every change at once."""

    def __init__(self, default: Picture) -> None:
        self.default = default
        self.accounts: list[Account] = []
        self.watchers: list[Callable[[], None]] = []
        self.refuses = ""
        self._listeners: list[tuple[str, asyncio.Queue[Commit]]] = []

    def account(self, person_id: str) -> Account:
        return next(one for one in self.accounts if one.id == person_id)

    def register(self, name: str, email: str, password: str) -> Account:
        self.accounts.append(Account(f"id-{len(self.accounts)}", name, email, password, self.default))
        return self.accounts[-1]

    def sign_in(self, email: str, password: str) -> Account | None:
        known = (one for one in self.accounts if (one.email, one.password) == (email, password))
        return next(known, None)

    def changed(self, account: Account, what: str) -> None:
        for person_id, queue in self._listeners:
            if person_id == account.id:
                queue.put_nowait(Commit(change=what, committed=Interval.at(now()), source="the world"))
        for watcher in self.watchers:
            watcher()

    async def create_person(self, name: str, *, email: str | None = None) -> Person:
        if self.refuses:
            raise InfrastructureError(self.refuses)
        return self._person(self.register(name, email or f"{name}@example.test", "secret"))

    async def find_person(self, email: str, password: str) -> Person:
        found = self.sign_in(email, password)
        assert found is not None
        return self._person(found)

    async def set_picture(self, person: Person, picture: Picture) -> None:
        self.account(person.id).picture = person.picture = picture

    async def write_post(self, person: Person, text: str) -> None:
        self.account(person.id).posts.insert(0, text)

    async def default_picture(self) -> Picture:
        return self.default

    @asynccontextmanager
    async def listen(self, person_id: str) -> AsyncIterator[AsyncIterator[Commit]]:
        queue: asyncio.Queue[Commit] = asyncio.Queue()
        self._listeners.append((person_id, queue))

        async def taken() -> AsyncIterator[Commit]:
            while True:
                yield await queue.get()

        try:
            yield taken()
        finally:
            self._listeners.remove((person_id, queue))

    def _person(self, account: Account) -> Person:
        one, secret = account, account.password
        return Person(
            id=one.id, name=one.name, email=one.email, password=secret, picture=one.picture, token=""
        )


@pytest.fixture(scope="session")
def book() -> list[Picture]:
    """Give a few pictures that are far apart; painting them takes a moment, so once for all."""
    return PictureBook(seed=3).take(4, size=256)


@pytest.fixture
def world(book: list[Picture]) -> World:
    return World(default=book[3])


@pytest.fixture
def empty_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget all journeys known so far, until the test is over."""
    for known in tuple(_registry):
        monkeypatch.delitem(_registry, known)
