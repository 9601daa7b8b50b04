"""People: accounts, sign-ins, profiles and the picture each shows."""

from app_backend.profiles.accounts import Accounts, Token
from app_backend.profiles.facts import PROFILE_CHANGED, own_profile_of, profile_of, public_facts
from app_backend.profiles.models import (
    CommittedAt,
    Credentials,
    OwnProfile,
    Profile,
    ProfileChanged,
    ProfileChanges,
    Registered,
    Registration,
    SignedIn,
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
    "Registered",
    "Registration",
    "SignedIn",
    "Token",
    "UploadAddress",
    "own_profile_of",
    "profile_of",
    "public_facts",
]
