"""A journey through people whose names and pictures are odd."""

from journeys import journey
from journeys.profile.cast import ProfileCast
from journeys.profile.scenario_loading import LoadScenario


@journey(
    "People with odd names and pictures are shown as they are",
    priority="P2",
    phase="tdd_red",
    seam=["picture-in-feed", "picture-on-profile-screen"],
    kind="edge",
)
async def odd_people_are_shown_as_they_are(cast: ProfileCast, load_scenario: LoadScenario) -> None:
    """Long names and names in any script, pictures of any kind and shape: in the feed and on the profile."""
    people = await load_scenario("odd-people")
    gone = people.pop("gone")
    bob = await cast.visitor("bob")

    unknown = people["unknown-letter"]
    await bob.feed.post_by(unknown).expect(unknown.person.picture)
    box = await bob.feed.post_by(unknown).name_image()
    for name, someone in people.items():
        person = someone.person
        title = "(no name)" if name == "nameless" else person.name
        post = bob.feed.post_by(someone)
        await post.expect(title)
        await post.expect(person.picture)
        if name != "unknown-letter":
            await post.expect_letters(box)

        profile = await post.open_profile()
        await profile.expect(title)
        await profile.expect(person.picture)
        await bob.go_back()

    await bob.profile_of(gone).expect_nobody()
