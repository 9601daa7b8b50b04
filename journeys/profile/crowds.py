"""Journeys with many onlookers."""

from journeys.cast import Cast
from journeys.journey import journey
from journeys.pictures import PictureBook


@journey("Everyone who looks on sees a new avatar", priority="P1", phase="tdd_red")
async def many_people_see_a_new_avatar(cast: Cast, pictures: PictureBook, observers: int) -> None:
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
