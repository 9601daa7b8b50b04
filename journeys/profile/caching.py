"""Journeys of pictures that were replaced: they must not come back from a cache."""

from journeys.cast import Cast
from journeys.journey import journey
from journeys.pictures import PictureBook


@journey(
    "A changed picture survives restart and navigation, and the old one never comes back",
    priority="P1",
    phase="tdd_red",
)
async def picture_survives_restart_and_navigation(cast: Cast, pictures: PictureBook) -> None:
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
