"""Journeys of the display name."""

from journeys.cast import Cast
from journeys.journey import journey
from journeys.pictures import PictureBook


@journey("A new name reaches every place that shows it", priority="P1", phase="tdd_red")
async def new_name_reaches_every_surface(cast: Cast, pictures: PictureBook) -> None:
    """Header, profile screen, public profile and feed show the new name, for oneself and for others."""
    alice = await cast.member("alice", picture=pictures.fresh(), posts=["Call me Alice"])
    bob = await cast.member("bob")
    carol = await cast.member("carol")
    name = "Alice Liddell"

    async with cast.propagation(within=1.0) as change:
        change.expect(name, on=alice.header)
        change.expect(name, on=alice.profile_screen)
        change.expect(name, on=bob.feed.post_by(alice))
        change.expect(name, on=carol.profile_of(alice))
        await alice.profile_screen.rename(name)
