"""What comes in and goes out about people."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from app_backend.avatars import Avatar
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
