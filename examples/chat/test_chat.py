"""What people in a chat see of each other, and when."""

from __future__ import annotations

from journeys import appears, commit, disappears, journey
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


@journey("Who types is seen to type, and no longer once the words are sent", priority="P1")
async def typing_shows_and_goes(cast: ChatCast) -> None:
    """Bob sees that Alice is typing, before there is anything to read."""
    alice, bob = await cast.actors("alice", "bob")
    chat = bob.chat_with(alice)
    async with cast.propagation(within=2.0) as change:
        change.expect(appears(), on=chat.typing)
        await alice.chat_with(bob).write("Hel")

    async with cast.propagation(within=2.0, since=commit("message", key=chat.key)) as change:
        change.expect(disappears(), on=chat.typing)
        await alice.chat_with(bob).send("Hello")


@journey("A badge counts what has not been read", priority="P1")
async def badge_counts_what_is_unread(cast: ChatCast) -> None:
    """Each message counts, and none does once the conversation has been opened."""
    alice, bob = await cast.actors("alice", "bob")
    badge = bob.on(Conversations).unread_badge(alice)
    written = commit("message", key=alice.chat_with(bob).key)
    async with cast.propagation(within=2.0, since=written) as change:
        change.expect(appears(), on=badge)
        await alice.chat_with(bob).send("One")
    await badge.expect("1 unread")
    async with cast.propagation(within=2.0, since=written) as change:
        change.expect("2 unread", on=badge)
        await alice.chat_with(bob).send("Two")

    await bob.on(Conversations).open_chat_with(alice)
    await bob.chat_with(alice).last_message.expect("Two")
    await bob.on(Conversations).show()
    await bob.app.wait_until_gone(badge.finder)


@journey("A message is sent, then delivered, then read", priority="P1")
async def ticks_come_in_their_order(cast: ChatCast) -> None:
    """Alice sees how far her message has come, and it never seems further than it is."""
    alice, bob = await cast.actors("alice", "bob")
    await bob.on(Conversations).sign_out()
    await alice.chat_with(bob).send("Are you there?")
    tick = alice.chat_with(bob).tick
    await tick.expect("Sent")
    async with cast.propagation(within=2.0) as change:
        change.expect("Delivered", on=tick)
        change.expect("online", on=alice.chat_with(bob).presence)
        await bob.join()
    # Not timed: thin strokes that turn into another colour, as bright as before, can't be told apart.
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
    async with cast.propagation(within=2.0) as change:
        change.expect("offline", on=alice.chat_with(bob).presence)
        await bob.on(Conversations).sign_out()
