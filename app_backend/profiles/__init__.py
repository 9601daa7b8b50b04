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
    SignedIn,
    SignInList,
    SignInView,
    TokensView,
    UploadAddress,
)
from app_backend.profiles.passwords import Passwords
from app_backend.profiles.people import People

__all__ = [
    "KEY_PATTERN",
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
