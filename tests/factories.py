"""People, posts, pictures and events made up for one test: by polyfactory.

It was taken over factory-boy, which has no way to save over an `AsyncSession` (an open issue), and whose last
release is of early 2025. With the same seed of pytest-randomly the same is chosen at random.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from itertools import count
from typing import Any, TypeVar

from faker import Faker
from PIL import Image
from polyfactory import PostGenerated, Require, Use
from polyfactory.factories import DataclassFactory
from polyfactory.factories.sqlalchemy_factory import SQLAlchemyFactory

from app_backend.database import PersonRow, Post
from app_backend.events import CommittedEvent

Row = TypeVar("Row", PersonRow, Post)

_numbers = count(1)
_fake = Faker()

ORIENTATION = 0x0112
"""The tag of EXIF that says which way up a picture is."""

UPRIGHT, TURNED = 1, 6

MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


class RowFactory(SQLAlchemyFactory[Row]):
    """Makes rows of a table; `create_async` commits them to the session of the fixture `factories`."""

    __is_base_factory__ = True
    __set_relationships__ = False
    __set_foreign_keys__ = True


class PersonFactory(RowFactory[PersonRow]):
    """People that nobody can sign in as; `register` makes those."""

    id = Use(uuid.uuid4)
    email = Use(lambda: f"person-{next(_numbers)}@example.test")
    password_hash = "-"
    display_name = Use(_fake.first_name)
    bio = Use(_fake.sentence)
    avatar_version = None
    version = 1
    created_at = Use(lambda: datetime.now(UTC))


class PostFactory(RowFactory[Post]):
    """Posts of somebody, whose `author_id` has to be given."""

    id = Use(uuid.uuid4)
    author_id = Require()
    text = Use(_fake.sentence)
    created_at = Use(lambda: datetime.now(UTC))


@dataclass(frozen=True)
class PictureFile:
    """A picture as people upload it, and what it is."""

    shape: tuple[int, int]
    """As it is looked at: a turned one lies on its side in the file."""
    kind: str
    orientation: int
    content: bytes

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.kind]


def _draw(_name: str, values: dict[str, Any]) -> bytes:
    """Draw a picture that is like no other, as its file has it."""
    width, height = values["shape"]
    stored = (height, width) if values["orientation"] == TURNED else (width, height)
    image = Image.new("RGB", stored, random.randrange(1 << 24))  # noqa: S311 - not a secret
    image.paste(Image.radial_gradient("L").resize((stored[0] // 2, stored[1] // 2)).convert("RGB"))
    exif = Image.Exif()
    exif[ORIENTATION] = values["orientation"]
    output = BytesIO()
    image.save(output, values["kind"], exif=exif)
    return output.getvalue()


def _choose(*values: Any) -> Any:
    return Use(lambda: random.choice(values))  # noqa: S311 - not a secret


class PictureFactory(DataclassFactory[PictureFile]):
    """Real files: formats, sizes, upright or turned by EXIF."""

    shape = _choose((64, 64), (400, 300), (300, 400), (1200, 100))
    kind = _choose(*MEDIA_TYPES)
    orientation = _choose(UPRIGHT, TURNED)
    content = PostGenerated(_draw)


class EventFactory(DataclassFactory[CommittedEvent]):
    """Events of posts, as they travel."""

    id = Use(lambda: uuid.uuid4().hex)
    name = "post.created"
    committed_at = Use(lambda: datetime.now(UTC).timestamp())
    data = Use(dict[str, Any])
    committed_by = None
    request_id = None
