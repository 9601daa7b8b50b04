"""Journeys of people: new ones, renamed ones, strangers who look on, and how their screens look."""

from journeys import PictureBook, journey
from journeys.profile.cast import ProfileCast


@journey(
    "A newcomer creates a profile, gives it a picture, and finds both in the feed",
    priority="P0",
    phase="tdd_red",
    seam=["profile-lifecycle", "picture-in-feed"],
)
async def newcomer_appears_in_the_feed(cast: ProfileCast, pictures: PictureBook) -> None:
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


@journey(
    "A new name reaches every place that shows it",
    priority="P1",
    phase="tdd_red",
    seam=["changes-at-all-places", "propagation"],
)
async def new_name_reaches_every_surface(cast: ProfileCast, pictures: PictureBook) -> None:
    """Header, profile screen, public profile and feed show the new name, for oneself and for others."""
    alice = await cast.member("alice", picture=pictures.fresh(), posts=["Call me Alice"])
    bob, carol = await cast.members("bob", "carol")
    name = "Alice Liddell"

    async with cast.propagation(within=1.0) as change:
        change.expect(name, on=alice.header)
        change.expect(name, on=alice.profile_screen)
        change.expect(name, on=bob.feed.post_by(alice))
        change.expect(name, on=carol.profile_of(alice))
        await alice.profile_screen.rename(name)


@journey(
    "An anonymous visitor sees the public profile and nothing private",
    priority="P0",
    phase="tdd_red",
    seam="anonymous-access",
    kind="edge",
)
async def visitor_sees_only_what_is_public(cast: ProfileCast, pictures: PictureBook) -> None:
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


@journey(
    "The screens of the profile look as they were approved",
    priority="P2",
    phase="tdd_refactor",
    seam="screens-as-approved",
)
async def screens_look_as_approved(cast: ProfileCast) -> None:
    """Nothing moved: for a newcomer on the way in, on one's own profile, and on it as others see it."""
    visitor = await cast.visitor("visitor")
    await visitor.open_sign_in()
    await visitor.expect_screen("sign-in")
    await visitor.open_registration()
    await visitor.expect_screen("register")

    alice, bob = await cast.members("alice", "bob")
    await alice.profile_screen.expect_baseline()
    await bob.profile_of(alice).expect_baseline()
