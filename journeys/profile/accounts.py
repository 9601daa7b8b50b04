"""Journeys of people who are new."""

from journeys.cast import Cast
from journeys.journey import journey
from journeys.pictures import PictureBook


@journey(
    "A newcomer creates a profile, gives it a picture, and finds both in the feed",
    priority="P0",
    phase="tdd_red",
)
async def newcomer_appears_in_the_feed(cast: Cast, pictures: PictureBook) -> None:
    """From an empty app to a post with one's own face beside it, and nobody's help on the way."""
    carol = await cast.visitor("carol")
    picture = pictures.fresh()

    await carol.create_account("Carol")
    await carol.header.expect("Carol")
    await carol.header.expect(await cast.default_picture())

    await carol.profile_screen.upload(picture)
    await carol.profile_screen.expect(picture)
    await carol.header.expect(picture)

    await carol.feed.write("Hello from Carol")
    post = carol.feed.post_by(carol)
    await post.expect_text("Hello from Carol")
    await post.expect("Carol")
    await post.expect(picture)
