"""The cast: who takes part, signed in or not, and what they do together."""

# ruff: noqa: PT012 - leaving a whole block is what raises

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from PIL import Image

from flutter_bridge import AppUnreachable, BridgeError, CommandRefused, NoAnswer
from journeys import (
    Cast,
    CastOptions,
    InfrastructureError,
    Picture,
    SetupError,
    Timeline,
    UsageError,
    Verdict,
)
from journeys.failures import first_cause
from journeys.profile import Identifiers, Member, ProfileCast, fresh_email
from journeys.timeline import (
    ActorJoined,
    AppReopened,
    Committed,
    HostUnreached,
    StepEnded,
    VerdictReached,
)
from tests.tasks import own_tasks

if TYPE_CHECKING:
    from tests.journeys.conftest import World
    from tests.journeys.played.conftest import DrawnApp, MemoryStage


async def test_a_member_has_an_account_and_is_signed_in(players: ProfileCast, memory: MemoryStage) -> None:
    alice = await players.member("alice")
    assert (alice.name, alice.person.name) == ("alice", "Alice")
    account = memory.opened["alice"].account
    assert account is not None
    assert account.id == alice.person.id
    assert players.timeline.events_of(ActorJoined)[0].target == "memory"
    assert [(step.title, step.depth) for step in players.timeline.events_of(StepEnded)] == [
        ("alice signs in", 1),
        ("alice joins", 0),
    ]
    await alice.header.expect(await players.default_picture())


async def test_a_member_may_have_a_picture_and_posts_from_before(
    players: ProfileCast, book: list[Picture], world: World
) -> None:
    alice = await players.member("alice", picture=book[0], posts=["first", "second"])
    assert alice.person.picture is book[0]
    assert world.account(alice.person.id).posts == ["second", "first"]


@pytest.mark.parametrize("error", [NoAnswer, CommandRefused])
async def test_an_app_whose_driver_hangs_or_refuses_at_its_start_is_opened_anew_once_and_everyone_is_told(
    players: ProfileCast, memory: MemoryStage, error: type[BridgeError]
) -> None:
    memory.in_the_way = [error("Appium did not answer in time")]
    alice = await players.member("alice")
    await alice.header.expect(await players.default_picture())
    (told,) = players.timeline.events_of(AppReopened)
    assert (told.actor, told.target, told.why) == ("alice", "memory", "Appium did not answer in time")
    memory.in_the_way = [error("not in time"), error("not this time either")]
    with pytest.raises(error, match=r"^not this time either$"):
        await players.visitor("bob")


async def test_an_app_that_stops_answering_while_someone_signs_in_is_closed_and_opened_anew_once(
    players: ProfileCast, memory: MemoryStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in, hung = Member.sign_in, list[Member]()

    async def hang(member: Member) -> None:
        if len(hung) < 1:
            hung.append(member)
            raise NoAnswer("the page has not answered for 30 s")
        await sign_in(member)

    monkeypatch.setattr(Member, "sign_in", hang)
    alice = await players.member("alice")
    assert [cast("DrawnApp", each.app).closed for each in (hung[0], alice)] == [True, False]
    await alice.header.expect(await players.default_picture())
    (told,) = players.timeline.events_of(AppReopened)
    assert (told.actor, told.why) == ("alice", "the page has not answered for 30 s")


async def test_an_app_that_is_not_there_is_not_looked_for_twice(
    players: ProfileCast, memory: MemoryStage
) -> None:
    memory.in_the_way = [AppUnreachable("the device is gone")]
    with pytest.raises(AppUnreachable, match="gone"):
        await players.visitor("bob")
    assert not players.timeline.events_of(AppReopened)


async def test_what_an_app_asks_for_in_vain_is_told_once_before_anything_is_measured(
    players: ProfileCast, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await players.visitor("alice")
    font, more = "https://fonts.example/a.woff2", "https://b.example/c"
    monkeypatch.setattr(alice.app, "unreached_addresses", (font, more), raising=False)
    for _ in range(2):
        with pytest.raises(UsageError, match="nothing was done inside the block"):
            async with players.propagation():
                told = players.timeline.events_of(HostUnreached)
                assert [(each.actor, each.target, each.address) for each in told] == [
                    ("alice", "memory", font),
                    ("alice", "memory", more),
                ]


async def test_nothing_is_measured_where_no_text_can_be_drawn(
    players: ProfileCast, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await players.member("alice")

    async def empty() -> Image.Image:
        return Image.new("RGB", (400, 800), "white")

    monkeypatch.setattr(alice.app, "unreached_addresses", ("https://fonts.example/a.woff2",), raising=False)
    monkeypatch.setattr(alice.app, "screenshot", empty)
    with pytest.raises(SetupError, match=r"no text can be drawn on memory: fonts\.example can't be reached"):
        async with players.propagation():
            pytest.fail("it was about to be measured")


async def test_several_join_at_once(players: ProfileCast) -> None:
    alice, bob = await players.members("alice", "bob")
    assert (alice.name, bob.name) == ("alice", "bob")
    assert alice.person.id != bob.person.id
    assert alice.app is not bob.app


async def test_a_crowd_has_as_many_people_as_asked_for_each_with_an_app_and_a_name(
    players: ProfileCast, memory: MemoryStage
) -> None:
    crowd = await players.crowd(10)
    assert [one.name for one in crowd][:3] == ["bob", "carol", "dave"]
    assert [one.name for one in crowd][-3:] == ["ivan", "onlooker-9", "onlooker-10"]
    assert len({one.person.id for one in crowd}) == len(memory.opened) == 10


async def test_a_crowd_of_nobody_is_refused(players: ProfileCast) -> None:
    with pytest.raises(UsageError, match="a crowd has at least 1 person, got 0"):
        await players.crowd(0)


async def test_a_name_keeps_its_own_capitals(players: ProfileCast) -> None:
    assert (await players.member("mcGregor")).person.name == "McGregor"


async def test_another_device_is_another_app_of_the_same_person(players: ProfileCast) -> None:
    alice = await players.member("alice")
    other = await players.another_device_of(alice)
    assert other.name == "alice's other device"
    assert other.person is alice.person
    assert other.app is not alice.app


async def test_a_visitor_is_nobody_to_the_backend(players: ProfileCast, world: World) -> None:
    visitor = await players.visitor("eve")
    assert not world.accounts
    for ask in (lambda: visitor.person, lambda: visitor.header, lambda: visitor.profile_screen):
        with pytest.raises(UsageError, match="eve has no account: only a member has"):
            ask()


async def test_a_visitor_becomes_a_member_by_creating_an_account(players: ProfileCast, world: World) -> None:
    carol = await players.visitor("Carol's new phone")
    await carol.create_account("Carol")
    assert (carol.person.name, carol.person.picture) == ("Carol", world.default)
    await carol.header.expect("Carol")


@pytest.mark.parametrize("name", ["alice", "Zoë's other device", "李", "a  b"])
def test_an_address_is_fresh_and_sound_whatever_the_name(name: str) -> None:
    one, other = fresh_email(name), fresh_email(name)
    assert one != other
    local = one.removesuffix("@example.test")
    assert local.isascii()
    assert not set(local) - set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert local[0] != "-"


async def test_everyones_app_is_closed_with_the_cast_also_when_it_failed(
    world: World, memory: MemoryStage, evidence: Path
) -> None:
    def cast() -> ProfileCast:
        options = CastOptions(stage_for=lambda _: memory, timeline=Timeline(), evidence=evidence)
        return ProfileCast(options, backend=world)

    with pytest.raises(AssertionError, match="wrong"):
        async with cast() as players:
            await players.members("alice", "bob")
            raise AssertionError("wrong")
    assert [app.closed for app in memory.opened.values()] == [True, True]


async def test_a_backend_that_refuses_is_told_by_the_step_and_the_journey(
    players: ProfileCast, world: World
) -> None:
    world.refuses = "backend can't be reached; is it running?"
    with pytest.raises(ExceptionGroup) as raised:
        await players.member("alice")
    assert isinstance(first_cause(raised.value), InfrastructureError)
    assert players.timeline.events_of(StepEnded)[-1].error == world.refuses


async def test_an_app_that_goes_away_is_an_error_of_its_own(
    players: ProfileCast, memory: MemoryStage
) -> None:
    alice = await players.member("alice")
    memory.opened["alice"].gone_away = True
    with pytest.raises(AppUnreachable, match="went away"):
        await alice.restart_app()
    assert players.timeline.events_of(StepEnded)[-1].error == "the app went away; start it again"


async def test_one_goes_back_to_where_one_was(players: ProfileCast, memory: MemoryStage) -> None:
    alice, bob = await players.members("alice", "bob")
    await bob.profile_of(alice).show()
    await bob.go_back()
    assert memory.opened["bob"].place == "feed"


async def test_a_change_is_certified_on_every_surface_that_is_expected_to_show_it(
    players: ProfileCast, book: list[Picture]
) -> None:
    alice = await players.member("alice", picture=book[0], posts=["Look at me"])
    bob = await players.member("bob")
    async with players.propagation(within=1.0) as change:
        change.expect(book[1], on=alice.header)
        change.expect(book[1], on=bob.feed.post_by(alice))
        await alice.profile_screen.upload(book[1])
    verdicts = players.timeline.events_of(VerdictReached)
    assert {(one.surface, one.actor, one.verdict) for one in verdicts} == {
        ("header", "alice", Verdict.PASSED),
        ("feed", "bob", Verdict.PASSED),
    }
    assert len(players.timeline.events_of(Committed)) == 1


def test_a_cast_of_another_loop_is_told_apart(memory: MemoryStage, tmp_path: Path) -> None:
    options = CastOptions(stage_for=lambda _: memory, timeline=Timeline(), evidence=tmp_path)
    with asyncio.Runner() as fixtures, asyncio.Runner() as journeys:
        cast = Cast(options)
        fixtures.run(cast.__aenter__())
        with pytest.raises(UsageError, match=r'fixture\(loop_scope="session"\)'):
            journeys.run(cast.actor("alice"))
        fixtures.run(cast.__aexit__())
    assert not memory.opened


async def test_only_one_change_is_watched_at_a_time(players: ProfileCast) -> None:
    with pytest.raises(UsageError, match="a propagation is open already"):
        async with players.propagation(), players.propagation():
            pass
    with pytest.raises(UsageError, match="nothing was done inside the block"):
        async with players.propagation():  # the first one is over, so this one may be opened
            pass


async def test_nobody_is_left_running_when_joining_is_cancelled(
    players: ProfileCast, memory: MemoryStage
) -> None:
    with own_tasks() as tasks:
        joining = asyncio.create_task(players.members("alice", "bob"))
        await asyncio.sleep(0)
        assert tasks()
        joining.cancel()
        with pytest.raises(asyncio.CancelledError):
            await joining
        assert not tasks()


class TestIdentifiers:
    """An app of one's own calls its places otherwise."""

    @pytest.fixture
    def identifiers(self) -> Identifiers:
        return Identifiers.from_settings(
            {"header_avatar": "my-face", "post_avatar": "face-{person}", "notice": "", "feed": "wall"}
        )

    async def test_its_names_are_used_everywhere(self, players: ProfileCast, book: list[Picture]) -> None:
        alice = await players.member("alice", picture=book[0], posts=["Look at me"])
        await alice.feed.post_by(alice).expect(book[0])
        await alice.profile_screen.upload(book[1])
        await alice.header.expect(book[1])
        assert str(alice.header.picture_finder) == 'by.identifier("my-face")'

    @pytest.mark.parametrize(
        ("settings", "said"),
        [
            ({"header_avater": "x"}, r"header_avater: no such name, did you mean header_avatar"),
            ({"post_avatar": "face-{persn}"}, r"post_avatar: 'face-\{persn\}' has braces other than"),
            ({"post_avatar": "face-{"}, r"post_avatar: 'face-\{' has braces other than \{person\}"),
            ({"post_avatar": "face-{0}"}, r"post_avatar: 'face-\{0\}' has braces other than \{person\}"),
        ],
    )
    def test_a_name_that_cannot_be_is_refused(self, settings: dict[str, str], said: str) -> None:
        with pytest.raises(SetupError, match=said):
            Identifiers.from_settings(settings)
