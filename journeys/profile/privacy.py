"""Journeys of people who are not signed in."""

from journeys.cast import Cast
from journeys.journey import journey
from journeys.pictures import PictureBook


@journey("An anonymous visitor sees the public profile and nothing private", priority="P0", phase="tdd_red")
async def visitor_sees_only_what_is_public(cast: Cast, pictures: PictureBook) -> None:
    """Name, picture and posts are for everyone; the e-mail address is not, and nothing can be changed."""
    picture = pictures.fresh()
    alice = await cast.member("alice", picture=picture, posts=["Anyone may read this"])
    visitor = await cast.visitor("visitor")

    profile = visitor.profile_of(alice)
    await profile.expect("Alice")
    await profile.expect(picture)
    await profile.expect_private(alice.person.email)
    await profile.expect_no_changes()

    post = visitor.feed.post_by(alice)
    await post.expect(picture)
    await post.expect_text("Anyone may read this")
