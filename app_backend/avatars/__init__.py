"""Avatars: pictures made safe and ready, their versions and addresses, the tickets to upload them."""

from app_backend.avatars.gallery import (
    DEFAULT,
    VERSION_PATTERN,
    Gallery,
    Renditions,
    Withdrawn,
    folder_of,
    key_of,
)
from app_backend.avatars.ledger import Key, Ledger
from app_backend.avatars.models import Avatar
from app_backend.avatars.processing import PictureProcessing, picture_breaker
from app_backend.avatars.tickets import Ticket
from app_backend.rendering import SIZES, Limits, renditions

__all__ = [
    "DEFAULT",
    "SIZES",
    "VERSION_PATTERN",
    "Avatar",
    "Gallery",
    "Key",
    "Ledger",
    "Limits",
    "PictureProcessing",
    "Renditions",
    "Ticket",
    "Withdrawn",
    "folder_of",
    "key_of",
    "picture_breaker",
    "renditions",
]
