"""Screens of an app of one's own: how one gets there, and what is done there sets off what is watched."""

# ruff: noqa: PT012 - leaving a whole block is what raises

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flutter_bridge import Finder, NotFound
from journeys import Actor, Cast, Commit, Interval, Picture, Screen, Timeline, UsageError, Verdict, by
from journeys.cast import CastOptions
from journeys.timeline import Acted, StepEnded, VerdictReached

if TYPE_CHECKING:
    from tests.journeys.conftest import World
    from tests.journeys.played.conftest import MemoryStage


class SignIn(Screen):
    """Where one signs in."""

    landmark = by.identifier("sign-in-submit")

    async def open(self) -> None:
        await self.app.tap(by.label("Sign in"))

    async def sign_in(self, email: str, password: str) -> None:
        with self.step("signs in"):
            await self.app.enter_text(by.identifier("sign-in-email"), email)
            await self.app.enter_text(by.identifier("sign-in-password"), password)
            await self.app.tap(by.label("Go"))


class Wall(Screen):
    """What everybody has written; the app begins with it."""

    landmark = by.identifier("feed")

    async def open(self) -> None:
        await self.app.tap(by.label("Feed"))

    async def write(self, text: str) -> None:
        with self.step(f"writes {text!r}"):
            await self.app.enter_text(by.identifier("post-compose"), text)
            await self.app.tap(by.label("Post"))


class Profile(Screen):
    """One's own profile, or somebody else's."""

    def __init__(self, actor: Actor, person: str = "") -> None:
        super().__init__(actor)
        self.person = person
        self.opened = 0

    async def open(self) -> None:
        self.opened += 1
        if self.person:
            await self.app.open(f"/people/{self.person}")
        else:
            await self.app.tap(by.label("Profile"))

    async def remove_picture(self) -> None:
        with self.step("removes the picture"):
            await self.app.tap(by.identifier("profile-remove-picture"))


@pytest.fixture
async def friends(world: World, memory: MemoryStage, evidence: Path) -> AsyncIterator[Cast]:
    options = CastOptions(stage_for=lambda _: memory, timeline=Timeline(), evidence=evidence)
    async with Cast(options, commits=world) as cast:
        yield cast


@pytest.fixture
async def alice(friends: Cast, world: World, book: list[Picture]) -> Actor:
    """Someone who is signed in, has a picture, and has written something."""
    account = world.register("Alice", "alice@example.test", "secret")
    account.picture, account.posts = book[0], ["Look at me"]
    actor = await friends.actor("alice")
    await actor.on(SignIn).sign_in("alice@example.test", "secret")
    return actor


def actions(cast: Cast) -> list[str]:
    return [each.action for each in cast.timeline.events_of(Acted)]


async def test_what_is_done_on_a_screen_goes_there_first(friends: Cast, alice: Actor) -> None:
    assert actions(friends) == [
        'taps by.label("Sign in")',
        'enters text into by.identifier("sign-in-email")',
        'enters text into by.identifier("sign-in-password")',
        'taps by.label("Go")',
    ]
    assert [step.title for step in friends.timeline.events_of(StepEnded)] == ["alice joins", "alice signs in"]


async def test_a_step_goes_there_once_and_may_lead_away(alice: Actor) -> None:
    profile = alice.on(Profile)
    with profile.step("looks around"):
        await alice.app.tap(by.label("Feed"))
        await alice.app.tap(by.label("Feed"))
    assert profile.opened == 1


async def test_without_a_landmark_one_is_there_until_one_goes_elsewhere(alice: Actor) -> None:
    profile = alice.on(Profile)
    await profile.show()
    await profile.show()
    assert profile.opened == 1
    await alice.on(Wall).show()
    await profile.show()
    assert profile.opened == 2
    await alice.go_back()
    await profile.show()
    assert profile.opened == 3


async def test_an_actor_has_each_screen_once_by_what_it_is_of(alice: Actor) -> None:
    assert alice.on(Profile) is alice.on(Profile)
    assert alice.on(Profile, "id-0") is alice.on(Profile, "id-0")
    assert alice.on(Profile, "id-0") is not alice.on(Profile, "id-1")
    assert alice.on(Profile, "id-0").person == "id-0"


async def test_a_screen_that_never_comes_is_not_found(alice: Actor) -> None:
    class Nowhere(Screen):
        landmark: Finder | None = by.label("No such thing")

    with pytest.raises(NotFound, match=r'by.label\("No such thing"\)'):
        await alice.on(Nowhere).show()


class Entry(Screen):
    """Where one says that one is new."""

    landmark = by.label("Register")


async def test_one_arrives_where_an_action_leads(friends: Cast, alice: Actor) -> None:
    await alice.app.tap(by.label("Feed"))
    await alice.on(Wall).arrive()
    assert alice.current_screen is alice.on(Wall)
    assert friends.timeline.events_of(StepEnded)[-1].title == "alice arrives in Wall"
    assert actions(friends)[-1] == 'taps by.label("Feed")'


async def test_where_one_does_not_arrive_it_is_said_where_one_is(alice: Actor) -> None:
    await alice.on(Wall).show()
    elsewhere = r'^alice is not in Entry, but is in Wall: by.label\("Register"\) is not on screen'
    with pytest.raises(NotFound, match=elsewhere) as missed:
        await alice.on(Entry).arrive(timeout=0.1)
    assert missed.value.nearest
    assert alice.current_screen is alice.on(Wall)


async def test_a_screen_without_a_landmark_can_not_be_waited_for(alice: Actor) -> None:
    with pytest.raises(UsageError, match="nothing tells when alice is in Profile: give it a landmark"):
        await alice.on(Profile).arrive()


async def test_the_first_action_sets_off_what_is_watched(friends: Cast, alice: Actor, world: World) -> None:
    bob = await friends.actor("bob")
    author = by.identifier("post-author-by-id-0")
    async with friends.propagation(within=1.0) as change:
        change.expect("Alice Liddell", on=bob.on(Wall).surface("author", author, key="id-0"))
        await alice.on(Profile).show()  # only goes there: nothing is set off by that
        assert not friends.timeline.events_of(VerdictReached)
        await alice.app.enter_text(by.identifier("profile-name-field"), "Alice Liddell")
        await alice.app.tap(by.identifier("profile-save"))
    (verdict,) = friends.timeline.events_of(VerdictReached)
    assert (verdict.surface, verdict.actor, verdict.verdict) == ("author", "bob", Verdict.PASSED)
    assert verdict.wanted == "Alice Liddell"


async def test_a_picture_is_held_against_the_one_that_the_surface_shows(
    friends: Cast, alice: Actor, world: World, book: list[Picture]
) -> None:
    avatar = alice.surface("avatar", by.identifier("header-avatar"), key="id-0", shows=book[0])
    async with friends.propagation(within=1.0) as change:
        change.expect(world.default, on=avatar)
        await alice.on(Profile).remove_picture()
    (verdict,) = friends.timeline.events_of(VerdictReached)
    assert (verdict.surface, verdict.verdict) == ("avatar", Verdict.PASSED)


async def test_two_screens_of_one_app_cannot_be_watched_and_used_at_once(
    friends: Cast, alice: Actor, world: World
) -> None:
    author = by.identifier("post-author-by-id-0")
    with pytest.raises(
        UsageError,
        match=r"alice taps .* in Profile, and another screen is watched in the same app: watch that in",
    ):
        async with friends.propagation() as change:
            change.expect("Somebody", on=alice.on(Wall).surface("author", author))
            await alice.on(Profile).remove_picture()


async def test_a_kit_has_people_of_its_own(world: World, memory: MemoryStage, evidence: Path) -> None:
    class Writer(Actor):
        async def write(self, text: str) -> None:
            await self.on(Wall).write(text)

    class Writers(Cast[Writer]):
        actor_class = Writer

    account = world.register("Ada", "ada@example.test", "secret")
    options = CastOptions(stage_for=lambda _: memory, timeline=Timeline(), evidence=evidence)
    async with Writers(options) as cast:
        (ada,) = await cast.actors("ada")
        await ada.on(SignIn).sign_in("ada@example.test", "secret")
        await ada.write("Hello")
    assert account.posts == ["Hello"]


async def test_a_commit_says_what_it_is_about() -> None:
    commit = Commit(change="message", key="42", committed=Interval(1.0, 1.1))
    assert (commit.change, commit.key, commit.source) == ("message", "42", "event")
