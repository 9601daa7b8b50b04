"""Journeys of the profile picture: changed, and taken away."""

from journeys.cast import Cast
from journeys.journey import journey
from journeys.pictures import PictureBook


@journey("A new avatar reaches the header, the profile screen and the feed", priority="P0", phase="tdd_red")
async def new_avatar_reaches_every_surface(cast: Cast, pictures: PictureBook) -> None:
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


@journey("A first picture takes the default avatar's place", priority="P1", phase="tdd_red")
async def first_picture_replaces_the_default(cast: Cast, pictures: PictureBook) -> None:
    """See the default avatar give way on every surface as promptly as an old picture does."""
    alice = await cast.member("alice", posts=["No picture yet"])
    bob = await cast.member("bob")
    picture = pictures.fresh()

    async with cast.propagation(within=1.0) as change:
        change.expect(picture, on=alice.header)
        change.expect(picture, on=alice.profile_screen)
        change.expect(picture, on=bob.feed.post_by(alice))
        await alice.profile_screen.upload(picture)


@journey("A removed picture leaves the default avatar everywhere", priority="P0", phase="tdd_red")
async def removed_picture_leaves_the_default(cast: Cast, pictures: PictureBook) -> None:
    """Who takes their picture away is gone from every screen, and not only from their own."""
    alice = await cast.member("alice", picture=pictures.fresh(), posts=["Soon without a face"])
    bob = await cast.member("bob")
    carol = await cast.member("carol")
    default = await cast.default_picture()

    async with cast.propagation(within=1.0) as change:
        change.expect(default, on=alice.header)
        change.expect(default, on=alice.profile_screen)
        change.expect(default, on=bob.feed.post_by(alice))
        change.expect(default, on=carol.profile_of(alice))
        await alice.profile_screen.remove_picture(leaves=default)
