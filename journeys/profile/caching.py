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
    await post.shows(old)

    await alice.profile_screen.upload(new)
    await alice.header.shows(new)
    await post.shows(new)

    async with cast.never_shows(old, alice.header, alice.profile_screen, post):
        await alice.restarts_the_app()
        await alice.profile_screen.shows(new)
        await alice.feed.show()
        await alice.header.shows(new)
        await alice.profile_screen.shows(new)

        await bob.restarts_the_app()
        await post.shows(new)
        await bob.profile_of(alice).shows(new)
        await bob.goes_back()
        await post.shows(new)
