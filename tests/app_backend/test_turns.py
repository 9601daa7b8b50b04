"""Turns at the workers: nobody waits for more than one picture of everybody else's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from app_backend.errors import Overloaded
from app_backend.rendering.pool import Turns


class Line:
    """Senders at one row of places, and the order in which they came to theirs."""

    def __init__(self, places: int, *, per_sender: int, queue_size: int = 100) -> None:
        self.turns = Turns(places, per_sender=per_sender, queue_size=queue_size)
        self.came: list[str | None] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def ask(self, *senders: str | None) -> list[asyncio.Task[None]]:
        asked = [asyncio.create_task(self._wait(sender)) for sender in senders]
        self.tasks += asked
        await settle()
        return asked

    async def _wait(self, sender: str | None) -> None:
        await self.turns.acquire(sender)
        self.came.append(sender)

    async def leave(self, *senders: str | None) -> None:
        for sender in senders:
            self.turns.release(sender)
        await settle()


async def settle() -> None:
    """Let everything happen that can."""
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def opened() -> Iterator[list[Line]]:
    lines: list[Line] = []
    yield lines
    for line in lines:
        for task in line.tasks:
            task.cancel()


async def test_whoever_has_one_picture_comes_before_anothers_second(opened: list[Line]) -> None:
    line = Line(1, per_sender=1)
    opened.append(line)
    await line.ask("alice", "alice", "alice", "bob", "carol", "bob")
    for _ in range(5):
        await line.leave(line.came[-1])

    assert line.came == ["alice", "bob", "carol", "alice", "bob", "alice"]


async def test_a_place_is_left_for_whoever_comes_next(opened: list[Line]) -> None:
    line = Line(3, per_sender=2)
    opened.append(line)
    await line.ask(*["alice"] * 50)
    assert line.came == ["alice"] * 2

    await line.ask("bob")
    assert line.came == ["alice", "alice", "bob"]

    await line.leave("bob")
    assert line.came == ["alice", "alice", "bob"]
    await line.leave("alice")
    assert line.came == ["alice", "alice", "bob", "alice"]


async def test_our_own_pictures_take_turns_without_a_limit(opened: list[Line]) -> None:
    line = Line(3, per_sender=1)
    opened.append(line)
    await line.ask(None, None, None, "alice", None)
    assert line.came == [None] * 3
    await line.leave(None)
    assert line.came[3:] == ["alice"]


async def test_one_sender_can_not_fill_the_queue(opened: list[Line]) -> None:
    line = Line(1, per_sender=1, queue_size=6)
    opened.append(line)
    asked = await line.ask(*["alice"] * 8)
    assert sum(task.done() and isinstance(task.exception(), Overloaded) for task in asked) == 4
    assert line.turns.waiting == 3

    others = await line.ask("bob", "carol", "dora")
    assert not any(task.done() for task in others)
    (late,) = await line.ask("eve")
    assert isinstance(late.exception(), Overloaded)


async def test_who_stops_waiting_leaves_no_trace(opened: list[Line]) -> None:
    line = Line(1, per_sender=1)
    opened.append(line)
    _, gone, granted, bob = await line.ask("alice", "alice", "alice", "bob")
    gone.cancel()
    await settle()
    assert line.turns.waiting == 2

    # Bob's turn comes in the very moment in which Bob is gone: the place goes on to the next.
    line.turns.release("alice")
    bob.cancel()
    await settle()

    assert line.came == ["alice", "alice"]
    assert granted.done()
    await line.leave("alice")
    assert line.turns.waiting == 0
    assert not line.turns._lines
    assert not line.turns._taken
