"""The chat's kit: its screens, its people, and what its server says of what it has committed."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from httpx_sse import aconnect_sse

from journeys import ActionFailed, Actor, Cast, CommitReport, CommitStream, Finder, Screen, Surface, by


class Conversations(Screen):
    """The list of conversations, the first screen of whoever has joined."""

    landmark = by.label("Sign out")

    async def open(self) -> None:
        """Go back from a conversation."""
        await self.app.tap(by.text("Back"))

    def unread_badge(self, partner: Member) -> Surface:
        """Return the number beside a conversation that says how many messages have not been read."""
        return self.surface("unread badge", by.label(re.compile("unread$")).within(_entry_of(partner)))

    async def open_chat_with(self, partner: Member) -> None:
        """Open a conversation: what is in it has been read from then on."""
        with self.step(f"opens the conversation with {partner.name}"):
            await self.app.tap(_entry_of(partner))

    async def sign_out(self) -> None:
        """Be offline from now on."""
        with self.step("signs out"):
            await self.app.tap(by.label("Sign out"))


class Conversation(Screen):
    """What somebody and their partner have written to each other."""

    def __init__(self, member: Member, partner: Member) -> None:
        super().__init__(member)
        self.partner = partner
        self.landmark = by.label(partner.full_name)
        self.key = " & ".join(sorted((member.full_name, partner.full_name)))

    async def open(self) -> None:
        """Open it from the list."""
        await self.actor.on(Conversations).show()
        await self.app.tap(_entry_of(self.partner))

    @property
    def last_message(self) -> Surface:
        """The message at the bottom."""
        return self.surface("last message", by.identifier(re.compile("^message-")).nth(-1), key=self.key)

    @property
    def tick(self) -> Surface:
        """What says how far one's own last message has come."""
        return self.surface("tick", by.label(re.compile("^(Sent|Delivered|Read)$")).nth(-1))

    @property
    def typing(self) -> Surface:
        """What says that the partner is typing."""
        return self.surface("typing indicator", by.text(f"{self.partner.full_name} is typing"))

    @property
    def presence(self) -> Surface:
        """What says whether the partner is there."""
        return self.surface("presence", by.identifier("presence"))

    async def write(self, words: str) -> None:
        """Write something without sending it."""
        with self.step(f"writes {words!r}"):
            await self.app.enter_text(by.identifier("compose"), words)

    async def send(self, words: str) -> None:
        """Write and send a message."""
        with self.step(f"sends {words!r}"):
            await self.write(words)
            await self.app.tap(by.label("Send"))

    async def expect_messages(self, *words: str) -> None:
        """Check that these are the messages, in this order, once the last of them is there."""
        await self.last_message.expect(words[-1])
        found = by.identifier(re.compile("^message-")).matches_in(await self.app.semantics())
        if [node.text for node in found] != list(words):
            raise ActionFailed(f"{self.actor.name} reads {[node.text for node in found]}, not {list(words)}")


class Member(Actor):
    """Somebody in the chat, under a name that nobody else has there."""

    full_name = ""

    def chat_with(self, partner: Member) -> Conversation:
        """Return their conversation with somebody."""
        return self.on(Conversation, partner)

    async def join(self) -> None:
        """Come in by saying one's name."""
        with self.step(f"{self.name} says who they are"):
            self.full_name = self.full_name or f"{self.name.capitalize()} {secrets.token_hex(2)}"
            await self.app.enter_text(by.label("Your name"), self.full_name)
            await self.app.tap(by.label("Join"))
        await self.on(Conversations).arrive()


def _entry_of(partner: Member) -> Finder:
    """Return what finds somebody's conversation in the list; its label goes on with the last words."""
    return by.label(re.compile(f"^{re.escape(partner.full_name)}"))


class ChatCast(Cast[Member]):
    """Who takes part: members of the chat."""

    actor_class = Member

    async def actor(self, name: str) -> Member:
        """Bring in somebody who has joined the chat."""
        member = await super().actor(name)
        await member.join()
        return member


class ChatEvents(CommitStream):
    """What the chat's server reports of the messages it has taken in."""

    def __init__(self, url: str) -> None:
        self._url = url

    @asynccontextmanager
    async def connect(self, key: str) -> AsyncIterator[AsyncIterator[CommitReport]]:  # noqa: ARG002
        """Listen to the server's events, which are about all conversations."""
        timeout = httpx.Timeout(10.0, read=None)  # nobody may write for long
        client = httpx.AsyncClient(base_url=self._url, trust_env=False, timeout=timeout)
        async with client, aconnect_sse(client, "GET", "/events") as source:
            events = source.aiter_sse()
            await anext(events)  # "ready": from here on nothing is missed
            yield (_report(json.loads(event.data)) async for event in events)


def _report(told: dict[str, Any]) -> CommitReport:
    before, after = told["committed"]
    return CommitReport(change=told["name"], key=told["key"], before=before, after=after)
