"""Avatars: pictures made safe and ready, their versions and addresses, the tickets to upload them."""

from app_backend.avatars.drawings import draw_default, draw_hills, draw_sails
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
from app_backend.avatars.processing import PICTURE_BREAKER, PictureProcessing, picture_breaker
from app_backend.avatars.tickets import Ticket, check_ticket_unused, use_up_ticket
from app_backend.rendering import SIZES, PictureLimits, renditions

__all__ = [
    "DEFAULT",
    "PICTURE_BREAKER",
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
    "check_ticket_unused",
    "draw_default",
    "draw_hills",
    "draw_sails",
    "folder_of",
    "key_of",
    "picture_breaker",
    "renditions",
    "use_up_ticket",
]
