"""Journeys of how screens look: each is held against the picture of it that somebody has approved."""

from journeys.cast import Cast
from journeys.journey import journey


@journey("The screens of the profile look as they were approved", priority="P2", phase="tdd_refactor")
async def screens_look_as_approved(cast: Cast) -> None:
    """Nothing moved: for a newcomer on the way in, on one's own profile, and on it as others see it."""
    visitor = await cast.visitor("visitor")
    await visitor.open_sign_in()
    await visitor.expect_screen("sign-in")
    await visitor.open_registration()
    await visitor.expect_screen("register")

    alice, bob = await cast.members("alice", "bob")
    await alice.profile_screen.expect_baseline()
    await bob.profile_of(alice).expect_baseline()
