"""The records of a scenario of the reference app: people with their pictures, and posts; and their rules."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Annotated

import msgspec

from journeys.data import DrawnPicture, Problem

Id = Annotated[
    str, msgspec.Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40, description="Unique in the file.")
]
_LONGEST_NAME, _LONGEST_BIO, _LONGEST_POST = 80, 500, 1000
_SMALLEST_SIDE = 96
_MOST_POSTS = 100_000
_WORDS = ("rain", "bread", "harbour", "violin", "garden", "snow", "tram", "lantern", "river", "chess", "tea")


class PersonRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Somebody with an account."""

    id: Id
    name: str
    bio: str = ""
    picture: DrawnPicture | None = None
    """Nothing is the default avatar."""
    deleted: bool = False
    """They were there, with what they wrote, and removed their account."""


class PostRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A post; with a `count`, as many, each with a number and words that the seed gives."""

    by: Id
    text: str
    count: Annotated[int, msgspec.Meta(ge=1, le=_MOST_POSTS)] = 1
    seed: int = 0

    def texts(self) -> Iterator[str]:
        """Yield the text of each."""
        if self.count == 1:
            yield self.text
            return
        words = random.Random(self.seed)  # noqa: S311 - the same ones each time
        for number in range(1, self.count + 1):
            yield f"{self.text} {number}: {' '.join(words.choices(_WORDS, k=3))}"


class ProfileScenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A scenario of the reference app."""

    version: int
    about: Annotated[str, msgspec.Meta(description="Who they are, and what they are for.")] = ""
    people: list[PersonRecord] = []
    posts: list[PostRecord] = []


def check(content: ProfileScenario) -> Iterator[Problem]:
    """Yield what the backend would refuse, and what refers to nothing."""
    seen = Counter[str]()
    for index, person in enumerate(content.people):
        seen[person.id] += 1
        if seen[person.id] == 2:
            yield Problem(("people", index, "id"), f"{person.id!r} is there already: give it another id")
        yield from _check_person(person, index)
    for index, post in enumerate(content.posts):
        if post.by not in seen:
            yield Problem(("posts", index, "by"), f"there is no {post.by!r} among the people: add them")
        longest = max(map(len, (each for each in post.texts()))) if post.count < 100 else len(post.text) + 40
        if problem := _problem_of_text(post.text, longest, _LONGEST_POST):
            yield Problem(("posts", index, "text"), problem)
    if sum(post.count for post in content.posts) > _MOST_POSTS:
        yield Problem(("posts",), f"are more than {_MOST_POSTS:,} together: make them fewer")


def _check_person(person: PersonRecord, index: int) -> Iterator[Problem]:
    name = unicodedata.normalize("NFC", " ".join(person.name.split()))
    if problem := _problem_of_text(person.name, len(name), _LONGEST_NAME):
        yield Problem(("people", index, "name"), problem)
    if person.bio and (problem := _problem_of_text(person.bio, len(person.bio), _LONGEST_BIO)):
        yield Problem(("people", index, "bio"), problem)
    if person.picture is not None:
        for field, what in person.picture.problems():
            yield Problem(("people", index, "picture", field), what)
        if min(person.picture.size) < _SMALLEST_SIDE:
            what = f"fewer than {_SMALLEST_SIDE} pixels can't be recognised on a screen: make it larger"
            yield Problem(("people", index, "picture", "size"), what)


def _problem_of_text(text: str, length: int, longest: int) -> str | None:
    """Return why the backend would refuse a text."""
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text):
        return "has control characters, which the backend refuses: take them out"
    if not text.strip():
        return "is empty, which the backend refuses: write something"
    if length > longest:
        return f"has {length:,} characters, of which the backend takes {longest:,}: shorten it"
    return None
