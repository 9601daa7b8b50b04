"""The kit of the reference app: its people, their screens, its backend, and the journeys of the profile."""

from journeys.profile.backend import Backend, NoBackend, Person, fresh_email
from journeys.profile.cast import Member, ProfileCast
from journeys.profile.http_backend import HttpBackend
from journeys.profile.identifiers import Identifiers
from journeys.profile.surfaces import Feed, FeedPost, Header, ProfileScreen, ProfileSurface, PublicProfile

__all__ = [
    "Backend",
    "Feed",
    "FeedPost",
    "Header",
    "HttpBackend",
    "Identifiers",
    "Member",
    "NoBackend",
    "Person",
    "ProfileCast",
    "ProfileScreen",
    "ProfileSurface",
    "PublicProfile",
    "fresh_email",
]
