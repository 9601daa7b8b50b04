"""Every setting of the backend: environment variables that start with `APP_BACKEND_`.

In production mode, a start that would be unsafe is refused.
"""

from __future__ import annotations

import math
import re
import secrets
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, HttpUrl, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app_backend.errors import BackendError
from app_backend.rate_limits import Rate


class Mode(StrEnum):
    """Where the backend works."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class PasswordHashing(StrEnum):
    """How much work one password hash costs."""

    STRONG = "strong"
    CHEAP = "cheap"


def _split_list(value: object) -> object:
    return [each.strip() for each in value.split(",") if each.strip()] if isinstance(value, str) else value


def _origin(text: str) -> str:
    if text != "*" and not ORIGIN.fullmatch(text):
        raise ValueError("give origins such as https://app.example.test, with commas between them")
    return text


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise ValueError("give addresses or networks such as 10.0.0.0/8, with commas between them") from error


def _host(text: str) -> str:
    if not HOST.fullmatch(text):
        raise ValueError("give hosts such as pictures.example.org, in ASCII, with commas between them")
    return text.lower()


def _empty_to_none(value: object) -> object:
    # Compose files can't leave a variable out.
    return value if value != "" else None


ORIGIN = re.compile(r"https?://[^/\s,*]+")
HOST = re.compile(r"[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")

Origins = Annotated[
    tuple[Annotated[str, AfterValidator(_origin)], ...] | None, NoDecode, BeforeValidator(_split_list)
]
Networks = Annotated[
    tuple[Annotated[str, AfterValidator(_network)], ...], NoDecode, BeforeValidator(_split_list)
]
Hosts = Annotated[tuple[Annotated[str, AfterValidator(_host)], ...], NoDecode, BeforeValidator(_split_list)]
"""Lists with commas between their parts."""


class Settings(BaseSettings):
    """How the backend behaves; where it listens and keeps its data are options of the command."""

    model_config = SettingsConfigDict(env_prefix="APP_BACKEND_", extra="ignore", populate_by_name=True)

    mode: Mode = Mode.DEVELOPMENT
    """In production a start that would be unsafe is refused."""

    public_url: HttpUrl | None = Field(
        default=None, validation_alias=AliasChoices("PUBLIC_URL", "APP_BACKEND_PUBLIC_URL")
    )
    """How people reach the backend, for the addresses it hands out; by default as the request did."""

    secret_key: SecretStr = Field(default_factory=lambda: SecretStr(secrets.token_urlsafe(32)), min_length=16)
    """Signs upload tickets; several processes on one database share it. By default new at each start."""

    password_hashing: PasswordHashing = PasswordHashing.STRONG
    """`cheap` is for tests and development only."""

    token_lifetime_s: float = Field(default=3600, gt=0)
    """How long a token for requests works; then it has to be refreshed."""

    refresh_lifetime_s: float = Field(default=30 * 24 * 3600, gt=0)
    """How long a refresh token works, and so how long a sign-in lasts that nobody uses."""

    refresh_grace_s: float = Field(default=30, ge=0)
    """How long the answer to a refresh may be asked for again where it was lost."""

    wrong_passwords_per_address: Rate = Field(default="100 per 5 minutes", validate_default=True)
    """How often one client address may sign in wrongly, to whatever accounts."""

    wrong_passwords_here_per_account: Rate = Field(default="10 per 5 minutes", validate_default=True)
    """How often one client address may sign in wrongly to one account."""

    wrong_passwords_per_account: Rate = Field(default="60 per 5 minutes", validate_default=True)
    """How often all addresses together that an account wasn't signed in from may sign in wrongly to it."""

    registrations_per_address: Rate = Field(default="600 per minute", validate_default=True)
    """How many accounts may be made from one client address; generous, as test runs make many."""

    uploads_per_person: Rate = Field(default="300 per minute", validate_default=True)

    uploads_at_once_per_person: int = Field(default=6, gt=0)
    """How many pictures of one person may be on their way, or wait to be processed."""

    uploads_at_once_bytes: int = Field(default=512 * 1024 * 1024, gt=0)
    """What all pictures on their way may have brought so far; most of it lies on disk."""

    allowed_origins: Origins = None
    """Whose pages may read answers; by default this machine's in development, nobody's in production."""

    trusted_proxies: Networks = ()
    """Whose word counts for where a request comes from (`X-Forwarded-For`, `X-Forwarded-Proto`)."""

    ticket_lifetime_s: float = Field(default=300, gt=0)

    max_picture_bytes: int = Field(default=10 * 1024 * 1024, gt=0)
    max_picture_pixels: int = Field(default=50_000_000, gt=0)
    min_picture_side: int = Field(default=64, gt=0)

    picture_providers: Hosts = ()
    """The hosts that a new account's picture is fetched from; by default none is."""

    picture_providers_on_loopback: bool = False
    """Whether they may be on this machine, and asked by http on any port: for tests, never in production."""

    picture_fetch_total_s: float = Field(default=20, gt=0)
    """How long fetching one picture may take altogether, all attempts included."""

    picture_fetch_attempts: int = Field(default=3, gt=0)
    """How often a provider is asked that doesn't answer."""

    picture_fetches_at_once: int = Field(default=4, gt=0)
    """How many pictures are fetched at once; 100 may be under way or wait, the next ones are not fetched."""

    storage_url: Annotated[SecretStr | None, BeforeValidator(_empty_to_none)] = None
    """Where pictures are kept: `file:///folder` or `s3://bucket/prefix`; by default beside the database."""

    storage_timeout_s: float = Field(default=5, gt=0)
    """How long the storage may take for an answer."""

    sweep_every_s: float = Field(default=60, gt=0)
    """How often left-over pictures and expired rows are cleared away, besides at each start."""

    stray_age_s: float = Field(default=24 * 3600, gt=0)
    """Picture files that the database doesn't know are deleted when they are so old."""

    idempotency_lifetime_s: float = Field(default=24 * 3600, gt=0)
    """How long an upload sent again under the same key gets the first answer again."""

    picture_deadline_s: float = Field(default=10, gt=0)
    """How long a worker process may work at one picture until it is killed."""

    picture_memory_bytes: int = Field(default=1024 * 1024 * 1024, ge=256 * 1024 * 1024)
    """Address space of each worker process."""

    pictures_per_worker: int = Field(default=1000, ge=0)
    """After so many pictures a worker process makes place for a fresh one; 0 for never."""

    picture_queue_size: int = Field(default=100, gt=0)
    """How many pictures may wait for a worker process; the next ones are refused."""

    picture_attempts: int = Field(default=3, gt=0)
    """How often a picture is tried whose worker process died."""

    picture_total_s: float = Field(default=30, gt=0)
    """How long a picture may take altogether: waiting, working, and trying again."""

    breaker_threshold: int = Field(default=5, gt=0)
    """So many pictures in a row that could not be processed open the circuit breaker."""

    breaker_cooldown_s: float = Field(default=10, gt=0)
    """How long the circuit breaker stays open until one picture is tried."""

    heartbeat_s: float = Field(default=10, gt=0)
    """The longest an event stream is silent."""

    faults: bool = False
    """Whether faults can be armed on purpose: for tests and measurements, never in production."""

    operator_token: SecretStr | None = Field(default=None, min_length=16)
    """Opens `/metrics` and `/faults` to who has it; without one, in development, to this machine alone."""

    event_streams: int = Field(default=10_000, gt=0)
    """How many event streams may be open."""

    event_streams_per_address: int = Field(default=1_000, gt=0)
    """How many of them may come from one client address."""

    event_queue_size: int = Field(default=256, gt=0)
    """How many events may wait for one slow reader before its stream is ended."""

    @property
    def cors_origins(self) -> tuple[str, ...]:
        """Whose pages a browser lets read answers; `*` stands for everybody's."""
        if self.allowed_origins is not None:
            return self.allowed_origins
        return ("*",) if self.mode is Mode.DEVELOPMENT else ()


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


def check_production(settings: Settings, *, database_url: str, seed_sample: bool, keeps_data: bool) -> None:
    """In production mode, raise `BackendError` with all that is unsafe; in development, all goes.

    `database_url` is empty for the embedded PostgreSQL.
    """
    if settings.mode is not Mode.PRODUCTION:
        return
    wrong = [
        *_secret_problems(settings),
        *_setting_problems(settings),
        *_database_problems(database_url),
    ]
    if seed_sample:
        wrong.append("--seed-sample makes accounts whose password is known")
    if not keeps_data:
        wrong.append("without --data or a database of its own, all is lost at the end")
    if wrong:
        raise BackendError(f"not fit for production: {'; '.join(wrong)}")


def proxy_warning(settings: Settings, *, listening_on: str) -> str:
    """Say what follows where a proxy on this machine must be in front, and isn't trusted; else nothing."""
    if settings.mode is not Mode.PRODUCTION or settings.trusted_proxies:
        return ""
    if not ip_address(listening_on).is_loopback:
        return ""
    return (
        f"only a proxy on this machine reaches {listening_on}, and APP_BACKEND_TRUSTED_PROXIES names none: "
        "everybody has its address, and limits by address hold for all together"
    )


def _secret_problems(settings: Settings) -> Iterator[str]:
    name = "APP_BACKEND_SECRET_KEY"
    if "secret_key" not in settings.model_fields_set:
        yield f"{name} is not set"
    elif weak := weakness(settings.secret_key.get_secret_value()):
        yield f"{name} {weak}"
    operator = settings.operator_token
    if operator is not None and (weak := weakness(operator.get_secret_value())):
        yield f"APP_BACKEND_OPERATOR_TOKEN {weak}"


def _setting_problems(settings: Settings) -> Iterator[str]:
    if settings.password_hashing is not PasswordHashing.STRONG:
        yield "APP_BACKEND_PASSWORD_HASHING makes passwords easy to find out: leave it at strong"
    if settings.faults:
        yield "APP_BACKEND_FAULTS lets faults be armed: leave it at 0"
    if settings.picture_providers_on_loopback:
        yield "APP_BACKEND_PICTURE_PROVIDERS_ON_LOOPBACK lets strangers ask this machine: leave it at 0"
    if "*" in settings.cors_origins:
        yield "APP_BACKEND_ALLOWED_ORIGINS lets pages from anywhere in: name the app's origins"
    if settings.public_url is None:
        yield "PUBLIC_URL is not set, so addresses would be as each request claims"
    elif settings.public_url.scheme != "https" and not _is_this_machine(settings.public_url):
        yield "PUBLIC_URL is not https, so passwords would travel in clear"


def _database_problems(url: str) -> Iterator[str]:
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
