"""What the chat knows: who is signed in where, what was written, who has read it. All of it in memory."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

_log = logging.getLogger(__name__)


class Delivery(IntEnum):
    """How far a message has come; it never goes back."""

    SENT = 1
    DELIVERED = 2
    READ = 3


@dataclass(slots=True)
class Message:
    """What somebody wrote; `id` counts through the whole chat."""

    id: int
    author: str
    words: str
    delivery: Delivery = Delivery.SENT


@dataclass(slots=True, eq=False)
class Conversation:
    """What two people write to each other; `opened` is the number of messages there were when it began.

    `key` is its place in the app's addresses, `name` what events call it.
    """

    key: str
    people: tuple[str, str]
    opened: int
    messages: list[Message] = field(default_factory=list)
    typing: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """Both people's names, in the alphabet's order."""
        return " & ".join(sorted(self.people))

    def partner_of(self, name: str) -> str:
        """Return the other one of the two."""
        first, second = self.people
        return second if name == first else first

    def unread_by(self, name: str) -> int:
        """Count what was written to somebody and has not been read."""
        return sum(each.author != name and each.delivery < Delivery.READ for each in self.messages)

    @property
    def latest(self) -> int:
        """The number of the last thing that happened here: the higher, the later."""
        return self.messages[-1].id if self.messages else self.opened


class Device(Protocol):
    """One place where somebody is signed in: a browser tab, say."""

    @property
    def name(self) -> str:
        """Who is signed in there."""
        ...

    @property
    def reading(self) -> str:
        """The key of the conversation on screen there; empty where none is."""
        ...

    def refresh(self) -> None:
        """Show everything as it is now."""
        ...


@dataclass(frozen=True, slots=True)
class Committed:
    """A message that has just become part of its conversation, between two readings of the wall clock."""

    conversation: str
    id: int
    before: float
    after: float


class Room:
    """Everyone and everything in the chat; each change is shown at once on every device it concerns."""

    def __init__(self) -> None:
        self._devices: dict[str, set[Device]] = {}
        self._conversations: dict[str, Conversation] = {}
        self._written = 0
        self._listeners: set[asyncio.Queue[Committed]] = set()

    def __len__(self) -> int:
        return sum(map(len, self._devices.values()))

    def is_online(self, name: str) -> bool:
        """Whether somebody is signed in anywhere."""
        return bool(self._devices.get(name))

    def conversations_of(self, name: str) -> list[Conversation]:
        """Return somebody's conversations, the latest first."""
        theirs = [each for each in self._conversations.values() if name in each.people]
        return sorted(theirs, key=lambda each: (each.latest, int(each.key)), reverse=True)

    def conversation(self, key: str, name: str) -> Conversation | None:
        """Return one of somebody's conversations; None where they have no such one."""
        found = self._conversations.get(key)
        return found if found is not None and name in found.people else None

    def join(self, device: Device) -> None:
        """Let somebody in on a device: they are online there, and get what was written to them."""
        name = device.name
        if name not in self._devices:
            for other in self._devices:
                key = str(len(self._conversations) + 1)
                self._conversations[key] = Conversation(key, (other, name), opened=self._written)
            self._devices[name] = set()
        self._devices[name].add(device)
        self._deliver(name)
        self._show(self._devices)

    def leave(self, device: Device) -> None:
        """Let a device go; who has no other one is offline, and types nothing any more."""
        here = self._devices[device.name]
        here.discard(device)
        if not here:
            for conversation in self._conversations.values():
                conversation.typing.discard(device.name)
        self._show(self._devices)

    def look(self, device: Device) -> None:
        """Take in what a device has on screen now, its `reading`: what is there has been read."""
        conversation = self.conversation(device.reading, device.name)
        if conversation is not None:
            self._deliver(device.name)
            self._show(conversation.people)

    def send(self, key: str, author: str, words: str) -> None:
        """Write a message into one of the author's conversations."""
        conversation = self._conversations[key]
        before = time.time()
        self._written += 1
        message = Message(self._written, author, words)
        conversation.messages.append(message)
        after = time.time()
        conversation.typing.discard(author)
        self._deliver(conversation.partner_of(author))
        for listener in self._listeners:
            listener.put_nowait(Committed(conversation.name, message.id, before, after))
        self._show(conversation.people)

    def set_typing(self, key: str, name: str, *, is_typing: bool) -> None:
        """Take in that somebody is typing, or no longer is."""
        conversation = self._conversations[key]
        if is_typing == (name in conversation.typing):
            return
        (conversation.typing.add if is_typing else conversation.typing.discard)(name)
        self._show(conversation.people)

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[Committed]]:
        """Hear of every message from now on, until the block ends."""
        listener: asyncio.Queue[Committed] = asyncio.Queue()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def _deliver(self, name: str) -> None:
        """Bring what was written to somebody as far as it has come: to a device, or before their eyes."""
        devices = self._devices[name]
        if not devices:
            return
        on_screen = {device.reading for device in devices}
        for conversation in self.conversations_of(name):
            reached = Delivery.READ if conversation.key in on_screen else Delivery.DELIVERED
            for message in conversation.messages:
                if message.author != name:
                    message.delivery = max(message.delivery, reached)

    def _show(self, names: Iterable[str]) -> None:
        for device in [each for name in names for each in self._devices[name]]:
            try:
                device.refresh()
            except Exception:  # noqa: BLE001 - a tab that closes just now must not keep the others from theirs
                _log.warning("could not refresh a device of %s", device.name, exc_info=True)
