"""What a backend must not be where people work: in production mode, an unsafe start is refused."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_address
from itertools import pairwise

from pydantic import HttpUrl
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app_backend.errors import BackendError
from app_backend.settings import Mode, PasswordHashing, Settings

MIN_SECRET_LENGTH = 32
MIN_SECRET_BITS = 96
"""Less than any 32 random characters have, hexadecimal ones included."""

KNOWN_WORDS = (
    "app_backend", "change", "default", "development", "example", "insecure", "password", "replace", "sample",
    "secret", "12345678", "abcdefgh", "qwertyui",
)  # fmt: skip
"""What secrets have in them that were copied from somewhere, or are still to be set."""

KNOWN_PASSWORDS = frozenset(
    {"admin", "app_backend", "changeme", "development-only", "pass", "password", "pg", "postgres",
     "postgresql", "root", "sample-password", "secret", "test", "user", "1234", "12345", "123456", "12345678"}
)  # fmt: skip
"""Passwords that databases are often left with; the one of docker-compose.yml is among them."""


def refuse_what_is_unsafe(
    settings: Settings, *, database_url: str, seed_sample: bool, keeps_data: bool
) -> None:
    """In production mode, raise `BackendError` with all that is unsafe; in development, all goes.

    `database_url` is empty for the embedded PostgreSQL.
    """
    if settings.mode is not Mode.PRODUCTION:
        return
    wrong = [
        *_wrong_secrets(settings),
        *_wrong_settings(settings),
        *_wrong_database(database_url),
    ]
    if seed_sample:
        wrong.append("--seed-sample makes accounts whose password is known")
    if not keeps_data:
        wrong.append("without --data or a database of its own, all is lost at the end")
    if wrong:
        raise BackendError(f"not fit for production: {'; '.join(wrong)}")


def unsaid_proxy(settings: Settings, *, listening_on: str) -> str:
    """Say what follows where a proxy on this machine must be in front, and isn't trusted; else nothing."""
    if settings.mode is not Mode.PRODUCTION or settings.trusted_proxies:
        return ""
    if not ip_address(listening_on).is_loopback:
        return ""
    return (
        f"only a proxy on this machine reaches {listening_on}, and APP_BACKEND_TRUSTED_PROXIES names none: "
        "everybody has its address, and limits by address hold for all together"
    )


def _wrong_secrets(settings: Settings) -> Iterator[str]:
    name = "APP_BACKEND_SECRET_KEY"
    if "secret_key" not in settings.model_fields_set:
        yield f"{name} is not set"
    elif weak := weakness(settings.secret_key.get_secret_value()):
        yield f"{name} {weak}"
    operator = settings.operator_token
    if operator is not None and (weak := weakness(operator.get_secret_value())):
        yield f"APP_BACKEND_OPERATOR_TOKEN {weak}"


def _wrong_settings(settings: Settings) -> Iterator[str]:
    if settings.password_hashing is not PasswordHashing.STRONG:
        yield "APP_BACKEND_PASSWORD_HASHING makes passwords easy to find out: leave it at strong"
    if settings.faults:
        yield "APP_BACKEND_FAULTS lets faults be armed: leave it at 0"
    if "*" in settings.cors_origins:
        yield "APP_BACKEND_ALLOWED_ORIGINS lets pages from anywhere in: name the app's origins"
    if settings.public_url is None:
        yield "PUBLIC_URL is not set, so addresses would be as each request claims"
    elif settings.public_url.scheme != "https" and not _is_this_machine(settings.public_url):
        yield "PUBLIC_URL is not https, so passwords would travel in clear"


def _wrong_database(url: str) -> Iterator[str]:
    try:
        parsed = make_url(url) if url else None
    except ArgumentError:
        parsed = None  # said by the database itself, when it is opened
    if parsed is None:
        return
    password = parsed.password or parsed.query.get("password")
    if password is not None and (password in KNOWN_PASSWORDS or password == parsed.username):
        yield "the database's password is a known one"


def weakness(secret: str) -> str | None:
    """Say what makes a secret easy to guess, or None where it looks random."""
    if len(secret) < MIN_SECRET_LENGTH:
        return f"is shorter than {MIN_SECRET_LENGTH} characters"
    lowered = secret.lower()
    if any(word in lowered for word in KNOWN_WORDS):
        return "looks like one that is known"
    bits = -sum(count * math.log2(count / len(secret)) for count in Counter(secret).values())
    neighbours = sum(abs(ord(one) - ord(next_)) <= 1 for one, next_ in pairwise(secret))
    # A text that repeats itself is found again inside two of it, before the second begins.
    repeats = secret in (secret + secret)[1:-1]
    if bits < MIN_SECRET_BITS or neighbours * 2 > len(secret) or repeats:
        return "is not random enough"
    return None


def _is_this_machine(url: HttpUrl) -> bool:
    host = (url.host or "").strip("[]")
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
