"""Opaque tokens: random texts of which only digests are kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

TOKEN_BYTES = 32


@dataclass(frozen=True, repr=False)
class Tokens:
    """What a sign-in gives out once: a token for requests, and one to get the next two with."""

    access: str
    access_expires_at: datetime
    refresh: str
    refresh_expires_at: datetime


def new_token() -> str:
    """Return a token nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> bytes:
    """Return what is kept of a token; as it is long and random, a plain digest can't be turned back."""
    return hashlib.sha256(token.encode()).digest()
