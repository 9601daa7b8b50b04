"""What the backend tells about people and posts, in the form the screens show it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters by their category that show nothing: fillers of Hangul, a cell of Braille without dots."""


@dataclass(frozen=True, slots=True)
class AvatarUrls:
    """A person's picture in several sizes; every change of it has addresses of its own."""

    version: str | None
    is_default: bool
    urls: Mapping[int, str]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read the backend's JSON object."""
        urls = {int(size): str(url) for size, url in data["urls"].items()}
        return cls(version=data["version"], is_default=bool(data["is_default"]), urls=urls)

    def url_for(self, box: int) -> str:
        """Choose the rendition for a box of so many logical pixels.

        Small boxes take the 96 px one: scaling a large picture down to 40 px washes out what tells it
        from others. Large boxes take the 512 px one, which still has detail at three pixels to one.
        """
        wanted = 96 if box <= 48 else 512
        best = min(self.urls, key=lambda size: abs(size - wanted))
        return self.urls[best]


@dataclass(frozen=True, slots=True)
class PersonProfile:
    """What everybody may know about a person."""

    id: str
    display_name: str
    bio: str
    avatar: AvatarUrls
    version: int

    @property
    def title(self) -> str:
        """The name to show: where it has nothing to see in it, words that say so."""
        return self.display_name if any(map(_is_visible, self.display_name)) else "(no name)"

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read the backend's JSON object."""
        return cls(
            id=str(data["id"]),
            display_name=str(data["display_name"]),
            bio=str(data["bio"]),
            avatar=AvatarUrls.read(data["avatar"]),
            version=int(data["version"]),
        )


def _is_visible(letter: str) -> bool:
    category = unicodedata.category(letter)
    # What is of private use shows as a box, at least.
    return letter not in _BLANKS and (category[0] not in "CZ" or category == "Co")


@dataclass(frozen=True, slots=True)
class Account:
    """The signed-in person: the public profile and what only they may see."""

    profile: PersonProfile
    email: str

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read the backend's JSON object."""
        return cls(profile=PersonProfile.read(data), email=str(data["email"]))


@dataclass(frozen=True, slots=True, repr=False)
class SessionTokens:
    """What proves who somebody is: a token for requests, and one to get the next two with."""

    access: str
    refresh: str

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read the backend's JSON object; a backend whose tokens don't expire has no second one."""
        return cls(access=str(data["token"]), refresh=str(data.get("refresh_token") or ""))


@dataclass(frozen=True, slots=True)
class SignInResult:
    """An account together with the tokens that prove it."""

    tokens: SessionTokens
    account: Account

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read the backend's JSON object."""
        return cls(tokens=SessionTokens.read(data), account=Account.read(data["profile"]))


@dataclass(frozen=True, slots=True)
class PostContent:
    """A few words by a person."""

    id: str
    author: PersonProfile
    text: str
    created_at: datetime

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read the backend's JSON object."""
        return cls(
            id=str(data["id"]),
            author=PersonProfile.read(data["author"]),
            text=str(data["text"]),
            created_at=datetime.fromisoformat(data["created_at"]),
        )


@dataclass(frozen=True, slots=True)
class PostPage:
    """One page of posts, newest first, and where the next one begins."""

    items: tuple[PostContent, ...]
    next_cursor: str | None

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read the backend's JSON object."""
        return cls(
            items=tuple(PostContent.read(item) for item in data["items"]), next_cursor=data["next_cursor"]
        )
