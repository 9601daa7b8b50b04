"""Two sample people for a first look: `--seed-sample`."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from app_backend.api import Services
from app_backend.avatars import draw_hills, draw_sails
from app_backend.errors import Problem
from app_backend.rendering import Submission

PASSWORD = "sample-password"  # noqa: S105 - made to be known


@dataclass(frozen=True)
class SamplePerson:
    """A person to begin with."""

    email: str
    name: str
    bio: str
    posts: tuple[str, ...]


ADA = SamplePerson(
    "ada@example.test",
    "Ada",
    "Writes programs for engines that are yet to be built.",
    ("Good morning from the hills!", "The first programs are the hardest: nobody can run them."),
)
GRACE = SamplePerson(
    "grace@example.test",
    "Grace",
    "At sea, mostly. Finds bugs and keeps them.",
    ("A ship in port is safe, but that is not what ships are for.", "Fair wind today."),
)


async def seed(services: Services) -> None:
    """Make the sample people, each with a picture and two posts; those who are there already stay."""
    pictures = ((ADA, draw_hills), (GRACE, draw_sails))
    for sample, draw in pictures:
        try:
            person, _, _ = await services.accounts.register(
                email=sample.email, password=PASSWORD, display_name=sample.name
            )
        except Problem as taken:
            if taken.status != 409:
                raise
            continue
        await services.people.edit(person.id, display_name=None, bio=sample.bio)
        await services.people.set_picture(person.id, Submission.of(_png(draw())))
        for text in sample.posts:
            await services.posts.write(person.id, text)


def _png(image: Image.Image) -> bytes:
    output = BytesIO()
    image.save(output, "PNG", compress_level=1)
    return output.getvalue()
