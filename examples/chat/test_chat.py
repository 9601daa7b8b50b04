"""What people in a chat see of each other, and when."""

from __future__ import annotations

from journeys import journey
from kit import ChatCast, Conversations


@journey("A message reaches the other one's screen", priority="P0")
async def message_reaches_the_other_one(cast: ChatCast) -> None:
    """Bob reads what Alice sends within a second of its commit, and so does she."""
    alice, bob = await cast.actors("alice", "bob")
    await alice.chat_with(bob).send("Are you there?")
    await bob.chat_with(alice).last_message.expect("Are you there?")

    async with cast.propagation(within=1.0) as change:
        change.expect("Hello Bob", on=bob.chat_with(alice).last_message)
        change.expect("Hello Bob", on=alice.chat_with(bob).last_message)
        await alice.chat_with(bob).send("Hello Bob")


@journey("A message is sent, then delivered, then read", priority="P1")
async def ticks_come_in_their_order(cast: ChatCast) -> None:
    """Alice sees how far her message has come, and it never seems further than it is."""
    alice, bob = await cast.actors("alice", "bob")
    await bob.on(Conversations).sign_out()
    await alice.chat_with(bob).send("Are you there?")
    tick = alice.chat_with(bob).tick
    await tick.expect("Sent")
    async with cast.propagation(within=1.0) as change:
        change.expect("Delivered", on=tick)
        change.expect("online", on=alice.chat_with(bob).presence)
        await bob.join()
    await bob.on(Conversations).open_chat_with(alice)
    await tick.expect("Read")


@journey("Messages stay in the order in which they were sent", priority="P1")
async def messages_keep_their_order(cast: ChatCast) -> None:
    """Both see the same conversation, whoever wrote what."""
    alice, bob = await cast.actors("alice", "bob")
    await alice.chat_with(bob).send("One")
    await alice.chat_with(bob).send("Two")
    await bob.chat_with(alice).send("Three")
    await alice.chat_with(bob).send("Four")
    for one, other in ((alice, bob), (bob, alice)):
        await one.chat_with(other).expect_messages("One", "Two", "Three", "Four")


@journey("Who leaves is offline for the others", priority="P2")
async def who_leaves_is_offline(cast: ChatCast) -> None:
    """Alice sees in the conversation that Bob has gone."""
    alice, bob = await cast.actors("alice", "bob")
    async with cast.propagation(within=1.0) as change:
        change.expect("offline", on=alice.chat_with(bob).presence)
        await bob.on(Conversations).sign_out()
