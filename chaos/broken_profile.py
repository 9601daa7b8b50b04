"""What people see when things break while a profile is changed: `journeys chaos` runs these.

Of a change that fails, nothing is seen: the old picture stays, and the app says why. Once the fault is over
the same change works, without a restart, and everyone sees it within `SOON_S`.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager

import httpx

from journeys import ActionFailed, NotFound, Picture, PictureBook, by, journey
from journeys.profile import Member, ProfileCast
from journeys.surface import Surface

SOON_S = 5.0
BUSY = "The server is busy."
NOT_SENT = "The picture didn't reach the server."
OFFLINE = by.identifier("offline")
"""Where the app says that it has no connection."""

Fault = AbstractAsyncContextManager[None]


async def shows(surface: Surface, wanted: Picture | str) -> bool:
    """Whether a surface shows something now."""
    try:
        await surface.expect(wanted, within=0.1)
    except (ActionFailed, NotFound):
        return False
    return True


async def two_people(cast: ProfileCast, pictures: PictureBook) -> tuple[Member, Member]:
    """Bring in Alice, who has a picture and a post, and Bob, who looks on."""
    alice = await cast.member("alice", picture=pictures.fresh(), posts=["Still here"])
    bob = await cast.member("bob")
    await bob.feed.post_by(alice).expect(alice.person.picture)
    return alice, bob


async def expect_upload_in_vain(cast: ProfileCast, pictures: PictureBook, fault: Fault) -> None:
    """Upload while something is broken, see it refused and nothing changed, and upload again after it."""
    alice, bob = await two_people(cast, pictures)
    old, new = alice.person.picture, pictures.fresh()
    post = bob.feed.post_by(alice)
    async with fault:
        await alice.profile_screen.upload_in_vain(new, says=BUSY)
        await cast.recovery.see("alice", alice.app, alice.notice)
        await alice.header.expect(old)
        await post.expect(old)
    await alice.profile_screen.upload(new)
    await cast.recovery.expect("bob sees the new picture", lambda: shows(post, new), within=60.0)
    cast.recovery.check_data("the new picture", is_kept=await shows(alice.header, new))


async def expect_change_through(cast: ProfileCast, pictures: PictureBook, fault: Fault) -> None:
    """Change the name while something is broken that nobody has to notice."""
    alice, bob = await two_people(cast, pictures)
    async with fault:
        await alice.profile_screen.rename("Alicia")
    post = bob.feed.post_by(alice)
    await cast.recovery.expect("bob sees the new name", lambda: shows(post, "Alicia"), within=SOON_S)
    cast.recovery.check_data("the new name", is_kept=await shows(alice.header, "Alicia"))


async def expect_picture_through(cast: ProfileCast, pictures: PictureBook, fault: Fault) -> None:
    """Upload a picture while something is broken that is mended behind the scenes."""
    alice, bob = await two_people(cast, pictures)
    new = pictures.fresh()
    async with fault:
        await alice.profile_screen.upload(new)
    post = bob.feed.post_by(alice)
    await cast.recovery.expect("bob sees the new picture", lambda: shows(post, new), within=SOON_S)
    cast.recovery.check_data("the new picture", is_kept=await shows(alice.header, new))


async def is_connected(member: Member) -> bool:
    """Whether someone's app doesn't say that it has no connection."""
    return OFFLINE.first_match_in(await member.app.semantics()) is None


async def strikes(backend: str, fault: str) -> int:
    """Ask the backend how often a fault has struck."""
    async with httpx.AsyncClient(base_url=backend, trust_env=False) as client:
        known = (await client.get("/faults")).raise_for_status().json()["faults"]
    return next(int(each["struck"]) for each in known if each["name"] == fault)


async def wait_for_strike(backend: str, fault: str, *, after: int) -> None:
    """Wait until a fault has struck more often than before."""
    async with asyncio.timeout(30):
        while True:
            if await strikes(backend, fault) > after:
                return
            await asyncio.sleep(0.05)  # a backend tells nobody: it is asked again


@journey("A full storage refuses a picture, and takes it once there is room")
async def the_storage_is_full(cast: ProfileCast, pictures: PictureBook) -> None:
    """Keep the old picture everywhere, and have the app say that the server is busy."""
    await expect_upload_in_vain(cast, pictures, cast.faults.storage_full())


@journey("A storage that refuses to write leaves the old picture")
async def the_storage_refuses(cast: ProfileCast, pictures: PictureBook) -> None:
    """Nothing is half saved: what can be read goes on being shown."""
    await expect_upload_in_vain(cast, pictures, cast.faults.storage_refuses(operations=["put"]))


@journey("A slow storage makes an upload late, and no more")
async def the_storage_is_slow(cast: ProfileCast, pictures: PictureBook) -> None:
    """Each operation takes half a second longer."""
    await expect_picture_through(cast, pictures, cast.faults.storage_slow(delay_ms=500))


@journey("A failing picture worker is tried again")
async def a_picture_fails_once(cast: ProfileCast, pictures: PictureBook) -> None:
    """Whoever uploads needn't know."""
    await expect_picture_through(cast, pictures, cast.faults.pictures_fail(times=1))


@journey("A hanging picture worker is ended, and the next upload has another")
async def a_picture_hangs(cast: ProfileCast, pictures: PictureBook) -> None:
    """Wait no longer than the worker's deadline, three seconds here."""
    await expect_upload_in_vain(cast, pictures, cast.faults.pictures_hang(times=1))


@journey("A killed picture worker is replaced")
async def a_picture_worker_is_killed(cast: ProfileCast, pictures: PictureBook) -> None:
    """Give the next attempt a new process."""
    await expect_picture_through(cast, pictures, cast.faults.pictures_worker_killed(times=1))


@journey("Pooled connections that PostgreSQL ends are opened anew")
async def the_pool_is_dropped(cast: ProfileCast, pictures: PictureBook) -> None:
    """Have a change that meets dead connections go through."""
    await expect_change_through(cast, pictures, cast.faults.connections_dropped(of="pool"))


@journey("A listener whose connection is ended misses nothing")
async def the_listener_is_dropped(cast: ProfileCast, pictures: PictureBook) -> None:
    """Who looks on sees the change that was made meanwhile."""
    await expect_change_through(cast, pictures, cast.faults.connections_dropped(of="listener"))


@journey("Late events show the change late, and then for good")
async def events_are_late(cast: ProfileCast, pictures: PictureBook) -> None:
    """Each event is held back for a second."""
    await expect_change_through(cast, pictures, cast.faults.events_delayed(delay_ms=1000))


@journey("Events that come twice change nothing twice")
async def events_come_twice(cast: ProfileCast, pictures: PictureBook) -> None:
    """Take the second one as no news."""
    await expect_change_through(cast, pictures, cast.faults.events_doubled())


@journey("Late answers are waited for")
async def answers_are_late(cast: ProfileCast, pictures: PictureBook) -> None:
    """Each answer comes a second later."""
    await expect_change_through(cast, pictures, cast.faults.responses_delayed(delay_ms=1000))


@journey("Who was offline sees what changed meanwhile, without a restart")
async def bob_is_offline(cast: ProfileCast, pictures: PictureBook) -> None:
    """Bob keeps the old name before him until the network is back."""
    alice, bob = await two_people(cast, pictures)
    post, before = bob.feed.post_by(alice), alice.person.name
    async with bob.network.offline():
        await alice.profile_screen.rename("Alicia")
        await post.expect(before)
    await cast.recovery.expect("bob sees the new name", lambda: shows(post, "Alicia"), within=SOON_S)
    cast.recovery.check_data("the new name", is_kept=await shows(alice.header, "Alicia"))


@journey("A slow network delays a change, and loses nothing")
async def bob_has_a_slow_network(cast: ProfileCast, pictures: PictureBook) -> None:
    """Bob is on 400 kbit/s with 200 ms."""
    alice, bob = await two_people(cast, pictures)
    async with bob.network.slow(kbps=400, latency_ms=200):
        await alice.profile_screen.rename("Alicia")
    post = bob.feed.post_by(alice)
    await cast.recovery.expect("bob sees the new name", lambda: shows(post, "Alicia"), within=SOON_S)
    cast.recovery.check_data("the new name", is_kept=await shows(alice.header, "Alicia"))


@journey("An upload that a proxy refuses is told, and works afterwards")
async def an_upload_is_refused_on_its_way(cast: ProfileCast, pictures: PictureBook) -> None:
    """Answer the browser's upload by 503 in the server's place."""
    alice, bob = await two_people(cast, pictures)
    old, new = alice.person.picture, pictures.fresh()
    async with alice.network.answers("**/uploads/**", status=503, body="{}"):
        await alice.profile_screen.upload_in_vain(new, says=BUSY)
        await cast.recovery.see("alice", alice.app, alice.notice)
        await alice.header.expect(old)
    await alice.profile_screen.upload(new)
    post = bob.feed.post_by(alice)
    await cast.recovery.expect("bob sees the new picture", lambda: shows(post, new), within=60.0)
    cast.recovery.check_data("the new picture", is_kept=await shows(alice.header, new))


@journey("A backend that is killed during an upload has half a picture nowhere, and takes it afterwards")
async def the_backend_is_killed(cast: ProfileCast, pictures: PictureBook, backend_address: str) -> None:
    """Everyone keeps the old picture, is told that there is no connection, and needs no restart."""
    alice, bob = await two_people(cast, pictures)
    old, new = alice.person.picture, pictures.fresh()
    post = bob.feed.post_by(alice)
    async with cast.faults.storage_slow(delay_ms=4000, operations=["put"]), asyncio.TaskGroup() as group:
        before = await strikes(backend_address, "storage_slow")
        uploading = group.create_task(alice.profile_screen.upload_in_vain(new, says=NOT_SENT))
        await wait_for_strike(backend_address, "storage_slow", after=before)
        async with cast.faults.backend_killed():
            await uploading
            await cast.recovery.see("alice", alice.app, alice.notice)
            await cast.recovery.see("bob", bob.app, OFFLINE)
            await alice.header.expect(old)
            await post.expect(old)
    await cast.recovery.expect("bob is connected again", lambda: is_connected(bob), within=SOON_S)
    await post.expect(old)
    await alice.profile_screen.upload(new)
    await post.expect(new)
    cast.recovery.check_data("the new picture", is_kept=await shows(alice.header, new))
