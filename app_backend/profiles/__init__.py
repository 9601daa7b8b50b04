"""People: accounts, sign-ins, profiles and the picture each shows."""

from app_backend.profiles.accounts import Accounts
from app_backend.profiles.facts import (
    PROFILE_CHANGED,
    OwnChange,
    own_profile_from,
    own_profile_of,
    profile_of,
    public_facts,
)
from app_backend.profiles.idempotency import KEY_PATTERN, IdempotencyKeys
from app_backend.profiles.models import (
    CommittedAt,
    Credentials,
    OwnProfile,
    Profile,
    ProfileChanged,
    ProfileChanges,
    RefreshWish,
    Registered,
    Registration,
    Removed,
    SignedIn,
    SignInList,
    SignInView,
    TokensView,
    UploadAddress,
)
from app_backend.profiles.passwords import Passwords
from app_backend.profiles.people import People
from app_backend.profiles.removal import PERSON_REMOVED, Removal

__all__ = [
    "KEY_PATTERN",
    "PERSON_REMOVED",
    "PROFILE_CHANGED",
    "Accounts",
    "CommittedAt",
    "Credentials",
    "IdempotencyKeys",
    "OwnChange",
    "OwnProfile",
    "Passwords",
    "People",
    "Profile",
    "ProfileChanged",
    "ProfileChanges",
    "RefreshWish",
    "Registered",
    "Registration",
    "Removal",
    "Removed",
    "SignInList",
    "SignInView",
    "SignedIn",
    "TokensView",
    "UploadAddress",
    "own_profile_from",
    "own_profile_of",
    "profile_of",
    "public_facts",
]
