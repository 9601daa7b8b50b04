"""What comes in and goes out about people, and what travels about them in events."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from app_backend.avatars import Avatar, Gallery
from app_backend.database import PersonRow
from app_backend.events import Change, Data
from app_backend.text import CASELESS, LAYOUT, PLAIN, SINGLE_LINE

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def _email(text: str) -> str:
    if not EMAIL.fullmatch(text):
        raise ValueError("not an e-mail address")
    return text


# Validators before the limits of length: these hold for what is kept.
Email = Annotated[str, Field(max_length=254, examples=["ada@example.test"]), CASELESS, AfterValidator(_email)]
DisplayName = Annotated[str, Field(min_length=1, max_length=80, examples=["Ada"]), SINGLE_LINE]
Bio = Annotated[str, Field(max_length=500), LAYOUT]


class Profile(BaseModel):
    """What everybody may know about a person."""

    id: uuid.UUID
    display_name: str
    bio: str
    avatar: Avatar
    version: int = Field(description="Grows with every change of the profile.")


class OwnProfile(Profile):
    """What people see of themselves."""

    email: str
    created_at: datetime


class Registration(BaseModel):
    """A wish for an account."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    password: Annotated[SecretStr, Field(min_length=8, max_length=200), PLAIN]
    display_name: DisplayName
    picture_url: Annotated[str, PLAIN] | None = Field(
        default=None,
        description="A picture at an identity provider; it is fetched after the answer.",
    )


class Credentials(BaseModel):
    """Who wants to sign in."""

    model_config = ConfigDict(extra="forbid")

    email: Annotated[str, Field(max_length=254), CASELESS]
    password: Annotated[SecretStr, Field(max_length=200), PLAIN]


class ProfileChanges(BaseModel):
    """What is to be changed; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    display_name: DisplayName | None = None
    bio: Bio | None = None


class TokensView(BaseModel):
    """A token for the `Authorization: Bearer` header, and one to exchange for the next two."""

    token: str
    expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime


class SignedIn(TokensView):
    """A sign-in, and whose it is."""

    profile: OwnProfile


class RefreshWish(BaseModel):
    """A wish for new tokens."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: Annotated[SecretStr, Field(max_length=200), PLAIN]


class SignInView(BaseModel):
    """One place where somebody is signed in."""

    id: uuid.UUID
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime = Field(description="It ends then, unless it is refreshed before.")
    address: str = Field(description="The network address that signed in; of IPv6, the network.")
    user_agent: str = Field(description="What the client called itself.")
    current: bool = Field(description="Whether this very request came with it.")


class SignInList(BaseModel):
    """Where somebody is signed in, newest first, 100 at most."""

    items: list[SignInView]


CommittedAt = Annotated[
    float,
    Field(description="Unix seconds, just before the change was committed.", examples=[1767225600.123456]),
]


class Registered(SignedIn):
    """A new account."""

    committed_at: CommittedAt


class ProfileChanged(BaseModel):
    """A profile after its change."""

    profile: OwnProfile
    committed_at: CommittedAt


class Removed(BaseModel):
    """Something is gone."""

    committed_at: CommittedAt


class UploadAddress(BaseModel):
    """Where one picture may be PUT once, without a token."""

    url: str
    expires_at: datetime


Kind = Literal["avatar", "avatar_removed", "name", "bio", "created"]
PROFILE_CHANGED = "profile.changed"


def public_facts(person: PersonRow) -> Data:
    """Return what everybody may know about a person, as JSON."""
    return {
        "id": str(person.id),
        "display_name": person.display_name,
        "bio": person.bio,
        "avatar_version": person.avatar_version,
        "version": person.version,
    }


def own_facts(person: PersonRow) -> Data:
    """Return what a person may know about themselves, as JSON."""
    return {**public_facts(person), "email": person.email, "created_at": person.created_at.isoformat()}


@dataclass(frozen=True)
class OwnChange:
    """A change of one's own profile: `own_facts` after it, and when it was committed, in Unix seconds."""

    profile: Data
    committed_at: float

    def as_json(self) -> Data:
        """Return it as it is stored."""
        return {"profile": self.profile, "committed_at": self.committed_at}

    @classmethod
    def from_json(cls, stored: Data) -> Self:
        """Return the change that `as_json` described."""
        return cls(stored["profile"], stored["committed_at"])


def announce_profile(change: Change, person: PersonRow, kind: Kind) -> None:
    """Announce that a profile has changed, as it is when the change is committed."""
    change.announce(PROFILE_CHANGED, lambda: {"kind": kind, "profile": public_facts(person)})


def profile_of(facts: Data, gallery: Gallery, base_url: str) -> Profile:
    """Return the public profile that facts describe, with addresses as seen from `base_url`."""
    person_id = uuid.UUID(facts["id"])
    return Profile(
        id=person_id,
        display_name=facts["display_name"],
        bio=facts["bio"],
        avatar=gallery.describe(person_id, facts["avatar_version"], base_url),
        version=facts["version"],
    )


def own_profile_of(person: PersonRow, gallery: Gallery, base_url: str) -> OwnProfile:
    """Return what a person sees of themselves."""
    return own_profile_from(own_facts(person), gallery, base_url)


def own_profile_from(facts: Data, gallery: Gallery, base_url: str) -> OwnProfile:
    """Return what the person sees that `own_facts` describe, with addresses as seen from `base_url`."""
    public = profile_of(facts, gallery, base_url)
    created_at = datetime.fromisoformat(facts["created_at"])
    return OwnProfile(**dict(public), email=facts["email"], created_at=created_at)
