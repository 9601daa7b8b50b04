"""What is public about a person, without addresses: as it travels in events."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self

from app_backend.avatars import Gallery
from app_backend.database import Person
from app_backend.events import Change, Data
from app_backend.profiles.models import OwnProfile, Profile

Kind = Literal["avatar", "avatar_removed", "name", "bio", "created"]
PROFILE_CHANGED = "profile.changed"


def public_facts(person: Person) -> Data:
    """Return what everybody may know about a person, as JSON."""
    return {
        "id": str(person.id),
        "display_name": person.display_name,
        "bio": person.bio,
        "avatar_version": person.avatar_version,
        "version": person.version,
    }


def own_facts(person: Person) -> Data:
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


def announce_profile(change: Change, person: Person, kind: Kind) -> None:
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


def own_profile_of(person: Person, gallery: Gallery, base_url: str) -> OwnProfile:
    """Return what a person sees of themselves."""
    return own_profile_from(own_facts(person), gallery, base_url)


def own_profile_from(facts: Data, gallery: Gallery, base_url: str) -> OwnProfile:
    """Return what the person sees that `own_facts` describe, with addresses as seen from `base_url`."""
    public = profile_of(facts, gallery, base_url)
    created_at = datetime.fromisoformat(facts["created_at"])
    return OwnProfile(**dict(public), email=facts["email"], created_at=created_at)
