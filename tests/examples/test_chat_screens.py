"""The example chat in real browsers: what its screens say of themselves, and what they show of each other."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from httpx_sse import aconnect_sse
from playwright.async_api import Browser

from flutter_bridge import FlutterApp, Role, by
from flutter_bridge.web import open_web_app

PHONE = {"width": 412, "height": 915}
MESSAGES = by.identifier(re.compile("^message-"))

OpenChat = Callable[[], Awaitable[FlutterApp]]


@pytest.fixture
def bob() -> str:
    """Give a name that nobody has in this chat, which lasts for all tests."""
    return f"Bob {secrets.token_hex(3)}"


@pytest.fixture
def alice() -> str:
    return f"Alice {secrets.token_hex(3)}"


@pytest.fixture
async def open_chat(browser: Browser, chat_url: str, tmp_path: Path) -> AsyncIterator[OpenChat]:
    """Open the chat on a phone-sized page of its own."""
    async with AsyncExitStack() as stack:

        async def open_one() -> FlutterApp:
            opened = open_web_app(
                new_context=browser.new_context, url=chat_url, artifacts=tmp_path, viewport=PHONE
            )
            return await stack.enter_async_context(opened)

        yield open_one


async def join(app: FlutterApp, name: str) -> None:
    await app.enter_text(by.label("Your name"), name)
    await app.tap(by.label("Join"))
    await app.find(by.text("Chats"))


async def open_conversation(app: FlutterApp, partner: str) -> None:
    await app.tap(by.label(re.compile(f"^{partner}")))
    await app.find(by.identifier("compose"))


async def say(app: FlutterApp, words: str) -> None:
    await app.enter_text(by.identifier("compose"), words)
    await app.tap(by.label("Send"))


async def test_who_says_no_name_is_asked_for_it(open_chat: OpenChat) -> None:
    app = await open_chat()
    assert (await app.find(by.role(Role.TEXT_FIELD))).label == "Your name"
    await app.tap(by.role(Role.BUTTON, name="Join"))
    await app.find(by.text(re.compile("Say who you are")))


async def test_two_write_to_each_other(open_chat: OpenChat, alice: str, bob: str) -> None:
    of_alice, of_bob = await open_chat(), await open_chat()
    await join(of_alice, alice)
    await join(of_bob, bob)

    await open_conversation(of_alice, bob)
    assert (await of_alice.find(by.identifier("presence"))).text == "online"
    await say(of_alice, "Hello Bob")
    await of_bob.find(by.label("1 unread"))
    await of_alice.find(by.label("Delivered"))

    await open_conversation(of_bob, alice)
    assert (await of_bob.find(MESSAGES)).text == "Hello Bob"
    await of_alice.find(by.label("Read"))

    await of_bob.enter_text(by.identifier("compose"), "Hello Al")
    await of_alice.find(by.text(f"{bob} is typing"))
    await of_bob.tap(by.label("Send"))
    await of_alice.wait_until_gone(by.text(f"{bob} is typing"))
    await of_alice.find(by.text("Hello Al"))
    messages = MESSAGES.matches_in(await of_alice.semantics())
    assert [each.text for each in messages] == ["Hello Bob", "Hello Al"]
    await of_bob.wait_until_gone(by.text("Hello Al").within(by.identifier("compose")))


async def test_a_reload_keeps_who_is_signed_in_and_where(open_chat: OpenChat, alice: str, bob: str) -> None:
    of_alice, of_bob = await open_chat(), await open_chat()
    await join(of_alice, alice)
    await join(of_bob, bob)
    await open_conversation(of_alice, bob)
    await say(of_alice, "Still there")
    await of_alice.restart()
    assert (await of_alice.find(MESSAGES)).text == "Still there"
    await of_alice.back()
    await of_alice.find(by.text("Chats"))


async def test_a_conversation_of_others_is_not_opened_by_its_address(
    open_chat: OpenChat, alice: str, bob: str
) -> None:
    app = await open_chat()
    for name in (alice, bob):  # who have a conversation from then on
        await join(app, name)
        await app.tap(by.label("Sign out"))
    await app.open("/chats/1")
    await join(app, f"Carol {secrets.token_hex(3)}")
    assert [node for node in await app.semantics() if node.identifier == "compose"] == []


async def test_the_stream_of_events_tells_when_a_message_was_committed(
    open_chat: OpenChat, chat_url: str, alice: str, bob: str
) -> None:
    of_alice = await open_chat()
    await join(of_alice, alice)
    await join(await open_chat(), bob)
    await open_conversation(of_alice, bob)
    async with (
        httpx.AsyncClient(base_url=chat_url, trust_env=False) as client,
        aconnect_sse(client, "GET", "/events") as source,
    ):
        events = source.aiter_sse()
        assert (await anext(events)).event == "ready"
        begun = time.time()
        await say(of_alice, "Hello")
        told = json.loads((await anext(events)).data)
        ended = time.time()
    before, after = told["committed"]
    assert (told["name"], told["key"]) == ("message", f"{alice} & {bob}")
    assert begun <= before <= after <= ended
