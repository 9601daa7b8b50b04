"""Avatars: pictures made safe and ready, their versions and addresses, the tickets to upload them."""

from app_backend.avatars.gallery import (
    DEFAULT,
    VERSION_PATTERN,
    Avatar,
    Gallery,
    Renditions,
    Withdrawn,
    folder_of,
    key_of,
)
from app_backend.avatars.ledger import Key, Ledger
from app_backend.avatars.processing import PictureProcessing, picture_breaker
from app_backend.avatars.tickets import Ticket
from app_backend.rendering import SIZES, PictureLimits, renditions

__all__ = [
    "DEFAULT",
    "SIZES",
    "VERSION_PATTERN",
    "Avatar",
    "Gallery",
    "Key",
    "Ledger",
    "PictureLimits",
    "PictureProcessing",
    "Renditions",
    "Ticket",
    "Withdrawn",
    "folder_of",
    "key_of",
    "picture_breaker",
    "renditions",
]
