"""People: accounts, sign-ins, profiles and the picture each shows."""

from app_backend.profiles.accounts import Accounts
from app_backend.profiles.facts import PROFILE_CHANGED, own_profile_of, profile_of, public_facts
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
    "PROFILE_CHANGED",
    "Accounts",
    "CommittedAt",
    "Credentials",
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
    "own_profile_of",
    "profile_of",
    "public_facts",
]
