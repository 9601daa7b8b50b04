"""The example chat's room: who gets what, who sees what, and when a message has come how far."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import pytest

from chat_app.room import Conversation, Delivery, Room


@dataclass(eq=False)
class Phone:
    """A device that notes each time it is refreshed what its owner's screens would show."""

    room: Room
    name: str
    reading: str = ""
    seen: list[str] = field(default_factory=list)

    def refresh(self) -> None:
        for each in self.room.conversations_of(self.name):
            last = each.messages[-1] if each.messages else None
            if last is not None:
                self.seen.append(f"{last.words}: {last.delivery.name}")

    def look_at(self, key: str) -> None:
        self.reading = key
        self.room.look(self)


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def alice(room: Room) -> Phone:
    phone = Phone(room, "Alice")
    room.join(phone)
    return phone


@pytest.fixture
def bob(room: Room, alice: Phone) -> Phone:
    phone = Phone(room, "Bob")
    room.join(phone)
    return phone


def only_conversation(room: Room, name: str) -> Conversation:
    (found,) = room.conversations_of(name)
    return found


def test_a_message_is_sent_then_delivered_then_read(room: Room, alice: Phone, bob: Phone) -> None:
    room.leave(bob)
    key = only_conversation(room, "Alice").key
    room.send(key, "Alice", "Hello")
    room.join(bob)
    bob.look_at(key)
    assert alice.seen == ["Hello: SENT", "Hello: DELIVERED", "Hello: READ"]


def test_a_message_is_read_at_once_where_its_conversation_is_on_screen(
    room: Room, alice: Phone, bob: Phone
) -> None:
    key = only_conversation(room, "Alice").key
    bob.look_at(key)
    room.send(key, "Alice", "Hello")
    assert alice.seen == bob.seen == ["Hello: READ"]


def test_ones_own_screen_reads_nothing_for_the_other_one(room: Room, alice: Phone, bob: Phone) -> None:
    key = only_conversation(room, "Alice").key
    alice.look_at(key)
    room.send(key, "Alice", "Hello")
    alice.look_at(key)
    assert alice.seen[-1] == "Hello: DELIVERED"


def test_what_was_read_stays_read(room: Room, alice: Phone, bob: Phone) -> None:
    key = only_conversation(room, "Alice").key
    bob.look_at(key)
    room.send(key, "Alice", "Hello")
    bob.look_at("")
    room.leave(bob)
    room.join(bob)
    assert only_conversation(room, "Bob").messages[0].delivery is Delivery.READ


def test_a_screen_behind_which_nobody_is_reads_nothing(room: Room, alice: Phone, bob: Phone) -> None:
    key = only_conversation(room, "Alice").key
    bob.look_at(key)
    room.leave(bob)
    room.send(key, "Alice", "Hello")
    assert only_conversation(room, "Bob").messages[0].delivery is Delivery.SENT


def test_messages_keep_their_order_and_are_counted_until_they_are_read(
    room: Room, alice: Phone, bob: Phone
) -> None:
    conversation = only_conversation(room, "Bob")
    for words in ("one", "two", "three"):
        room.send(conversation.key, "Alice", words)
    assert [each.words for each in conversation.messages] == ["one", "two", "three"]
    assert (conversation.unread_by("Bob"), conversation.unread_by("Alice")) == (3, 0)
    bob.look_at(conversation.key)
    assert conversation.unread_by("Bob") == 0


def test_the_latest_conversation_comes_first(room: Room, alice: Phone, bob: Phone) -> None:
    with_bob = only_conversation(room, "Alice")
    room.join(Phone(room, "Carol"))
    room.send(with_bob.key, "Alice", "Hello Bob")
    assert partners_of(room, "Alice") == ["Bob", "Carol"]
    room.send(only_conversation_with(room, "Alice", "Carol").key, "Carol", "Hello Alice")
    assert partners_of(room, "Alice") == ["Carol", "Bob"]


def test_one_that_begins_comes_before_all_that_was_written_so_far(
    room: Room, alice: Phone, bob: Phone
) -> None:
    room.send(only_conversation(room, "Alice").key, "Alice", "Hello Bob")
    room.join(Phone(room, "Carol"))
    assert partners_of(room, "Alice") == ["Carol", "Bob"]


def partners_of(room: Room, name: str) -> list[str]:
    return [each.partner_of(name) for each in room.conversations_of(name)]


def test_a_conversation_is_between_its_two(room: Room, alice: Phone, bob: Phone) -> None:
    key = only_conversation(room, "Alice").key
    carol = Phone(room, "Carol")
    room.join(carol)
    assert room.conversation(key, "Bob") is not None
    assert room.conversation(key, "Carol") is None
    carol.look_at(key)
    room.send(key, "Alice", "Only for Bob")
    assert only_conversation_with(room, "Alice", "Bob").messages[0].delivery is Delivery.DELIVERED
    assert carol.seen == []


def only_conversation_with(room: Room, name: str, partner: str) -> Conversation:
    (found,) = (each for each in room.conversations_of(name) if each.partner_of(name) == partner)
    return found


def test_somebody_is_online_as_long_as_one_of_their_devices_is(room: Room, alice: Phone) -> None:
    tablet = Phone(room, "Alice")
    room.join(tablet)
    room.leave(alice)
    assert room.is_online("Alice")
    room.leave(tablet)
    assert not room.is_online("Alice")
    assert not room.is_online("Nobody")


def test_who_types_stops_by_sending_by_stopping_and_by_leaving(room: Room, alice: Phone, bob: Phone) -> None:
    conversation = only_conversation(room, "Alice")
    key = conversation.key

    room.set_typing(key, "Alice", is_typing=True)
    assert conversation.typing == {"Alice"}
    room.send(key, "Alice", "Hello")
    assert conversation.typing == set()

    room.set_typing(key, "Alice", is_typing=True)
    room.set_typing(key, "Alice", is_typing=False)
    assert conversation.typing == set()

    room.set_typing(key, "Alice", is_typing=True)
    room.leave(alice)
    assert conversation.typing == set()


def test_listeners_hear_of_a_message_with_its_moment(room: Room, alice: Phone, bob: Phone) -> None:
    key = only_conversation(room, "Alice").key
    room.send(key, "Alice", "Before anybody listens")
    with room.listen() as commits:
        begun = time.time()
        room.send(key, "Bob", "Hello")
        ended = time.time()
    room.send(key, "Alice", "After that")
    heard = commits.get_nowait()
    assert (heard.conversation, heard.id) == ("Alice & Bob", 2)
    assert begun <= heard.before <= heard.after <= ended
    assert commits.empty()


def test_a_device_that_fails_keeps_no_other_from_being_refreshed(
    room: Room, alice: Phone, bob: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError("the tab is closing")

    monkeypatch.setattr(alice, "refresh", fail)
    room.send(only_conversation(room, "Alice").key, "Alice", "Hello")
    assert bob.seen == ["Hello: DELIVERED"]
