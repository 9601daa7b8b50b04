"""Journeys of the profile picture: changed, taken away, seen by a crowd, and gone for good once replaced."""

from journeys import PictureBook, journey
from journeys.profile.cast import ProfileCast


@journey(
    "A new avatar reaches the header, the profile screen and the feed",
    priority="P0",
    phase="tdd_red",
    seam=["picture-in-header", "propagation"],
)
async def new_avatar_reaches_every_surface(cast: ProfileCast, pictures: PictureBook) -> None:
    """Everyone sees the new picture within a second: oneself, oneself on another device, and others."""
    alice = await cast.member("alice", picture=pictures.fresh(), posts=["Look at me"])
    at_home = await cast.another_device_of(alice)
    bob = await cast.member("bob")
    picture = pictures.fresh()

    async with cast.propagation(within=1.0) as change:
        change.expect(picture, on=alice.header)
        change.expect(picture, on=alice.profile_screen)
        change.expect(picture, on=at_home.header)
        change.expect(picture, on=at_home.feed.post_by(alice))
        change.expect(picture, on=bob.feed.post_by(alice))
        await alice.profile_screen.upload(picture)


@journey(
    "A first picture takes the default avatar's place",
    priority="P1",
    phase="tdd_red",
    seam=["picture-on-profile-screen", "default-avatar"],
    kind="edge",
)
async def first_picture_replaces_the_default(cast: ProfileCast, pictures: PictureBook) -> None:
    """See the default avatar give way on every surface as promptly as an old picture does."""
    alice = await cast.member("alice", posts=["No picture yet"])
    bob = await cast.member("bob")
    picture = pictures.fresh()

    async with cast.propagation(within=1.0) as change:
        change.expect(picture, on=alice.header)
        change.expect(picture, on=alice.profile_screen)
        change.expect(picture, on=bob.feed.post_by(alice))
        await alice.profile_screen.upload(picture)


@journey(
    "A removed picture leaves the default avatar everywhere",
    priority="P0",
    phase="tdd_red",
    seam=["default-avatar", "propagation"],
    kind="edge",
)
async def removed_picture_leaves_the_default(cast: ProfileCast, pictures: PictureBook) -> None:
    """Who takes their picture away is gone from every screen, and not only from their own."""
    alice = await cast.member("alice", picture=pictures.fresh(), posts=["Soon without a face"])
    bob, carol = await cast.members("bob", "carol")
    default = await cast.default_picture()

    async with cast.propagation(within=1.0) as change:
        change.expect(default, on=alice.header)
        change.expect(default, on=alice.profile_screen)
        change.expect(default, on=bob.feed.post_by(alice))
        change.expect(default, on=carol.profile_of(alice))
        await alice.profile_screen.remove_picture(leaves=default)


@journey(
    "Everyone who looks on sees a new avatar", priority="P1", phase="tdd_red", seam="propagation", kind="edge"
)
async def many_people_see_a_new_avatar(cast: ProfileCast, pictures: PictureBook, observers: int) -> None:
    """See one change reach many people, each in a second; `journeys measure --observers` says how many."""
    alice = await cast.member("alice", picture=pictures.fresh(), posts=["Look, all of you"])
    crowd = await cast.crowd(observers)
    picture = pictures.fresh()

    async with cast.propagation(within=1.0) as change:
        change.expect(picture, on=alice.header)
        change.expect(picture, on=alice.profile_screen)
        for onlooker in crowd:
            change.expect(picture, on=onlooker.feed.post_by(alice))
        await alice.profile_screen.upload(picture)


@journey(
    "A changed picture survives restart and navigation, and the old one never comes back",
    priority="P1",
    phase="tdd_red",
    seam="image-caching",
    kind="edge",
)
async def picture_survives_restart_and_navigation(cast: ProfileCast, pictures: PictureBook) -> None:
    """Once replaced, the old picture isn't painted again, not even for one frame."""
    old, new = pictures.take(2)
    alice = await cast.member("alice", picture=old, posts=["Now you see me"])
    bob = await cast.member("bob")
    post = bob.feed.post_by(alice)
    await post.expect(old)

    await alice.profile_screen.upload(new)
    await alice.header.expect(new)
    await post.expect(new)

    async with cast.expect_never(old, alice.header, alice.profile_screen, post):
        await alice.restart_app()
        await alice.profile_screen.expect(new)
        await alice.feed.show()
        await alice.header.expect(new)
        await alice.profile_screen.expect(new)

        await bob.restart_app()
        await post.expect(new)
        await bob.profile_of(alice).expect(new)
        await bob.go_back()
        await post.expect(new)
