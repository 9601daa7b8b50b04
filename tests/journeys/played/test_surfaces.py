"""Where a profile shows: how one gets there, what is done there, and what is said when it is wrong."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flutter_bridge import ActionFailed, Box, Node, Role
from journeys import Picture
from journeys.profile import Member, ProfileCast
from journeys.timeline import Acted, StepEnded

if TYPE_CHECKING:
    from tests.journeys.conftest import World
    from tests.journeys.played.conftest import DrawnApp, MemoryStage


@pytest.fixture
async def alice(players: ProfileCast, book: list[Picture]) -> Member:
    return await players.member("alice", picture=book[0], posts=["Look at me"])


@pytest.fixture
async def app(alice: Member, memory: MemoryStage) -> DrawnApp:
    return memory.opened["alice"]


@pytest.fixture
async def visitor(players: ProfileCast) -> Member:
    return await players.visitor("visitor")


async def test_every_surface_shows_picture_and_name(
    alice: Member, visitor: Member, book: list[Picture]
) -> None:
    surfaces = [
        alice.header,
        alice.profile_screen,
        alice.feed.post_by(alice),
        visitor.feed.post_by(alice),
        visitor.profile_of(alice),
    ]
    for surface in surfaces:
        await surface.expect("Alice")
        await surface.expect(book[0])
        assert (surface.actor, surface.target) in {("alice", "memory"), ("visitor", "memory")}
        assert surface.key == alice.person.id
        assert (surface.current(book[0]), surface.current("a name")) == (book[0], "Alice")


async def test_the_crop_has_the_screens_own_pixels(alice: Member) -> None:
    assert (await alice.header.crop()).size == (80, 80)  # 40 logical pixels at a ratio of 2


async def test_a_crop_takes_one_reading_of_the_screen(alice: Member, app: DrawnApp) -> None:
    before = app.reads
    await alice.header.crop()
    assert app.reads == before + 1


async def test_a_crop_waits_for_a_picture_that_isnt_there_yet(alice: Member, app: DrawnApp) -> None:
    account, app.account = app.account, None
    async with asyncio.TaskGroup() as group:
        cropping = group.create_task(alice.header.crop())
        await asyncio.sleep(0)
        app.account = account
        app.paint()
    assert cropping.result().size == (80, 80)


async def test_where_one_is_already_is_seen_at_once(
    alice: Member, visitor: Member, memory: MemoryStage
) -> None:
    for surface in (alice.profile_screen, visitor.feed.post_by(alice), visitor.profile_of(alice)):
        await surface.show()
        app = memory.opened[surface.actor]
        before = app.reads
        await surface.show()
        # One to see where one is, and one to see that the picture is wholly on screen.
        assert app.reads <= before + 2


async def test_a_place_that_is_out_of_sight_yet_is_waited_for(
    alice: Member, app: DrawnApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    shows = app._shows
    hidden = alice.identifiers.feed

    def without_feed() -> Iterator[tuple[Node, Picture | None]]:
        for node, picture in shows():
            yield (replace(node, visible=node.identifier != hidden), picture)

    monkeypatch.setattr(app, "_shows", without_feed)
    async with asyncio.TaskGroup() as group:
        showing = group.create_task(alice.feed.show())
        await asyncio.sleep(0)
        assert not showing.done()
        hidden = ""
        app.paint()


async def test_what_comes_late_is_waited_for(
    alice: Member, app: DrawnApp, world: World, book: list[Picture]
) -> None:
    account = world.account(alice.person.id)
    async with asyncio.TaskGroup() as group:
        group.create_task(alice.header.expect("Alice Liddell", within=5))
        group.create_task(alice.header.expect(book[1], within=5))
        await asyncio.sleep(0)
        account.name, account.picture = "Alice Liddell", book[1]
        app.paint()


async def test_a_wrong_name_is_quoted_beside_the_one_wanted(alice: Member) -> None:
    with pytest.raises(ActionFailed) as raised:
        await alice.header.expect("Bob", within=0.1)
    where = 'by.identifier("header-name")'
    assert str(raised.value) == f"alice's header shows 'Alice' instead of 'Bob' ({where}) after 0.1 s"


async def test_a_name_somewhere_else_on_the_screen_is_no_excuse(alice: Member, app: DrawnApp) -> None:
    app.more.append(Node(Role.TEXT, label="Bob", box=Box(10, 380, 40, 10)))
    with pytest.raises(ActionFailed, match="shows 'Alice' instead of 'Bob'"):
        await alice.header.expect("Bob", within=0.1)


async def test_a_wrong_picture_is_named_with_the_recognisers_reason(
    alice: Member, book: list[Picture], players: ProfileCast
) -> None:
    seen = players.recogniser.recognise(await alice.header.crop(), book[1])
    with pytest.raises(ActionFailed) as raised:
        await alice.header.expect(book[1], within=0.1)
    where = 'by.identifier("header-avatar")'
    assert str(raised.value) == (
        f"alice's header doesn't show {book[1].name} ({where}) after 0.1 s: {seen.reason}"
    )
    failed = players.timeline.events_of(StepEnded)[-1]
    assert failed.title == "alice sees the picture in the header"
    assert failed.error == str(raised.value)


async def test_an_uploaded_picture_is_the_persons_from_then_on(
    alice: Member, book: list[Picture], players: ProfileCast
) -> None:
    await alice.profile_screen.upload(book[1])
    assert alice.person.picture is book[1]
    await alice.header.expect(book[1])
    acted = players.timeline.events_of(Acted)[-1]
    assert (acted.actor, acted.action) == (
        "alice",
        'chooses a file with by.identifier("profile-change-picture")',
    )


async def test_the_file_to_upload_is_gone_afterwards(
    alice: Member, book: list[Picture], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    await alice.profile_screen.upload(book[1])
    assert not list(folder.iterdir())


async def test_an_upload_upon_which_the_app_says_nothing_is_told_as_that(
    alice: Member, app: DrawnApp, book: list[Picture]
) -> None:
    app.says = lambda _: ""
    with pytest.raises(
        ActionFailed, match="alice's app says nothing, where 'Picture changed' was expected: "
    ):
        await alice.profile_screen.upload(book[1])


async def test_an_upload_the_app_refuses_is_quoted_and_changes_nothing(
    alice: Member, app: DrawnApp, book: list[Picture]
) -> None:
    app.says = lambda _: "The picture is too large"
    with pytest.raises(
        ActionFailed,
        match=r"alice's app says 'The picture is too large', where 'Picture changed' was expected",
    ):
        await alice.profile_screen.upload(book[1])
    assert alice.person.picture is book[0]


async def test_what_the_app_said_before_is_not_taken_for_what_it_says_next(
    alice: Member, app: DrawnApp, book: list[Picture]
) -> None:
    await alice.profile_screen.rename("Alice Liddell")
    assert app.notice == "Name changed"
    app.busy = 0.1
    await alice.profile_screen.upload(book[1])
    assert app.notice == "Picture changed"


async def test_the_same_thing_done_again_may_be_said_in_the_same_words(
    alice: Member, app: DrawnApp, book: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journeys.profile.surfaces._SAME_NOTICE_S", 0.1)
    await alice.profile_screen.upload(book[1])
    await alice.profile_screen.upload(book[2])
    assert alice.person.picture is book[2]
    await alice.header.expect(book[2])


async def test_a_refusal_is_heard_though_the_app_said_well_done_before(
    alice: Member, app: DrawnApp, book: list[Picture]
) -> None:
    await alice.profile_screen.upload(book[1])
    app.busy, app.says = 0.1, lambda _: "Too large"
    with pytest.raises(ActionFailed, match="alice's app says 'Too large'"):
        await alice.profile_screen.upload(book[2])
    assert alice.person.picture is book[1]


async def test_a_removed_picture_leaves_what_it_is_said_to_leave(alice: Member, world: World) -> None:
    await alice.profile_screen.remove_picture(leaves=world.default)
    assert alice.person.picture is world.default
    await alice.header.expect(world.default)


async def test_a_new_name_is_the_persons_from_then_on(alice: Member) -> None:
    await alice.profile_screen.rename("Alice Liddell")
    assert alice.person.name == "Alice Liddell"
    await alice.profile_screen.expect("Alice Liddell")


async def test_the_profile_screen_is_reached_from_wherever_one_is(alice: Member, app: DrawnApp) -> None:
    await alice.feed.show()
    assert app.place == "feed"
    await alice.profile_screen.show()
    assert app.place == "me"
    await alice.header.show()
    assert app.place == "me"


async def test_one_goes_to_a_public_profile_once_and_comes_back_to_it(
    visitor: Member, alice: Member, memory: MemoryStage
) -> None:
    profile, app = visitor.profile_of(alice), memory.opened["visitor"]
    await profile.show()
    assert app.place == alice.person.id
    app.place = "feed"
    await profile.expect("Alice")
    assert app.place == alice.person.id


async def test_a_public_profile_keeps_private_what_is_and_offers_no_changes(
    visitor: Member, alice: Member
) -> None:
    profile = visitor.profile_of(alice)
    await profile.expect_private(alice.person.email)
    await profile.expect_no_changes()


@pytest.mark.parametrize(
    "leak",
    [
        Node(Role.TEXT, label="Write to alice@example.test", box=Box(0, 0, 9, 9)),
        Node(Role.IMAGE, hint="alice@example.test", box=Box(0, 0, 9, 9)),
        Node(Role.BUTTON, tooltip="mailto:alice@example.test", visible=False),
        Node(Role.TEXT, "profile-email", "hidden", box=Box(0, 0, 9, 9)),
    ],
    ids=["label", "hint", "tooltip", "identifier"],
)
async def test_a_public_profile_that_shows_what_is_private_is_quoted(
    visitor: Member, alice: Member, memory: MemoryStage, leak: Node
) -> None:
    memory.opened["visitor"].more.append(leak)
    with pytest.raises(ActionFailed, match="visitor's public profile shows what is private: '"):
        await visitor.profile_of(alice).expect_private("alice@example.test")


@pytest.mark.parametrize("way", ["profile-change-picture", "profile-remove-picture", "profile-save"])
async def test_a_public_profile_that_offers_changes_is_named(
    visitor: Member, alice: Member, memory: MemoryStage, way: str
) -> None:
    memory.opened["visitor"].more.append(Node(Role.BUTTON, way, box=Box(0, 0, 9, 9)))
    with pytest.raises(
        ActionFailed, match=f"visitor's public profile offers {way} of someone else's profile"
    ):
        await visitor.profile_of(alice).expect_no_changes()


async def test_a_posts_author_is_a_tap_away(visitor: Member, alice: Member, memory: MemoryStage) -> None:
    profile = await visitor.feed.post_by(alice).open_profile()
    assert memory.opened["visitor"].place == alice.person.id
    await profile.expect("Alice")
    await visitor.go_back()
    assert memory.opened["visitor"].place == "feed"


async def test_nobody_is_where_nobody_is(visitor: Member, alice: Member) -> None:
    alice.person.id = "gone"
    await visitor.profile_of(alice).expect_nobody()


async def test_letters_that_are_drawn_as_boxes_are_counted(
    visitor: Member, alice: Member, players: ProfileCast
) -> None:
    strange = await players.member("\ue000", posts=["What is that?"])
    unknown = visitor.feed.post_by(strange)
    box = await unknown.name_image()
    await visitor.feed.post_by(alice).expect_letters(box)
    with pytest.raises(ActionFailed, match="visitor's feed draws 1 of its letters as boxes for the name"):
        await unknown.expect_letters(box, within=0)


async def test_a_name_of_which_nothing_is_drawn_is_said(
    visitor: Member, alice: Member, players: ProfileCast
) -> None:
    nameless = await players.member(" ", posts=["Who am I?"])
    with pytest.raises(ActionFailed, match="draws nothing that stands still for the name ' '"):
        await visitor.feed.post_by(nameless).name_image(within=0)


async def test_a_post_says_what_was_written(alice: Member, visitor: Member, players: ProfileCast) -> None:
    await alice.feed.write("Hello again")
    post = visitor.feed.post_by(alice)
    await post.expect_text("Hello again")
    with pytest.raises(ActionFailed, match="visitor's feed says 'Hello again' instead of 'Look at me'"):
        await post.expect_text("Look at me")
    actions = [each.action for each in players.timeline.events_of(Acted) if each.actor == "alice"]
    assert actions[-2:] == [
        'enters text into by.identifier("post-compose")',
        'taps by.identifier("post-submit")',
    ]
