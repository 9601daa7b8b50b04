"""Production mode: a start that would be unsafe is refused, and secrets stay secret."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from app_backend.errors import BackendError
from app_backend.settings import (
    Mode,
    PasswordHashing,
    Settings,
    check_production,
    proxy_warning,
    weakness,
)
from tests.integration.test_backend_process_integration import environment, launch, refusal, start, temporary

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.test_backend_process_integration import Start

# Fixtures of the command's own tests.
__all__ = ["environment", "start", "temporary"]

KEY = secrets.token_urlsafe(32)
SAFE: dict[str, Any] = {"mode": "production", "secret_key": KEY, "public_url": "https://api.example.test"}
SAFE_ORDER: dict[str, Any] = {
    "database_url": "postgresql://backend:k3vQ0w8Zt1@db.example.test/backend",
    "seed_sample": False,
    "keeps_data": True,
}


def reasons(*, order: dict[str, Any] | None = None, **settings: Any) -> str:
    """Return what is said against a start that differs from a safe one in these things."""
    wanted = {**SAFE, **settings}
    made = Settings(**{name: value for name, value in wanted.items() if value is not ...})
    with pytest.raises(BackendError, match=r"^not fit for production: [^\n]+\Z") as refused:
        check_production(made, **{**SAFE_ORDER, **(order or {})})
    return str(refused.value).removeprefix("not fit for production: ")


def test_a_safe_start_is_fine() -> None:
    check_production(Settings(**SAFE), **SAFE_ORDER)
    check_production(
        Settings(**{**SAFE, "public_url": "http://127.0.0.1:8000"}), **{**SAFE_ORDER, "database_url": ""}
    )


def test_in_development_all_goes() -> None:
    settings = Settings(faults=True, password_hashing=PasswordHashing.CHEAP, allowed_origins=("*",))

    assert settings.mode is Mode.DEVELOPMENT
    check_production(settings, database_url="", seed_sample=True, keeps_data=False)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"secret_key": ...}, "APP_BACKEND_SECRET_KEY is not set"),
        ({"secret_key": KEY[:31]}, "APP_BACKEND_SECRET_KEY is shorter than 32 characters"),
        ({"secret_key": "a" * 40}, "APP_BACKEND_SECRET_KEY is not random enough"),
        ({"secret_key": "please-change-me-" + KEY}, "APP_BACKEND_SECRET_KEY looks like one that is known"),
        ({"operator_token": "a" * 40}, "APP_BACKEND_OPERATOR_TOKEN is not random enough"),
        ({"password_hashing": "cheap"}, "APP_BACKEND_PASSWORD_HASHING"),
        ({"faults": True}, "APP_BACKEND_FAULTS"),
        ({"picture_providers_on_loopback": True}, "APP_BACKEND_PICTURE_PROVIDERS_ON_LOOPBACK"),
        ({"allowed_origins": "https://app.example.test,*"}, "APP_BACKEND_ALLOWED_ORIGINS"),
        ({"public_url": ...}, "PUBLIC_URL is not set"),
        ({"public_url": "http://api.example.test"}, "PUBLIC_URL is not https"),
    ],
)
def test_what_is_unsafe_is_named_and_not_shown(settings: dict[str, Any], reason: str) -> None:
    said = reasons(**settings)

    assert said.startswith(reason)
    assert ";" not in said, "one thing is wrong, one is said"
    assert KEY[:31] not in said


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"seed_sample": True}, "--seed-sample"),
        ({"keeps_data": False}, "without --data"),
        ({"database_url": "postgresql://backend:postgres@db/backend"}, "the database's password"),
        ({"database_url": "postgresql://backend:development-only@db/backend"}, "the database's password"),
        ({"database_url": "postgresql://somebody:somebody@db/backend"}, "the database's password"),
        ({"database_url": "postgresql://backend@/x?password=changeme&host=db"}, "the database's password"),
    ],
)
def test_how_it_is_started_counts_too(order: dict[str, Any], reason: str) -> None:
    said = reasons(order=order)

    assert said.startswith(reason)
    assert ";" not in said


def test_all_that_is_unsafe_is_said_at_once() -> None:
    said = reasons(secret_key=..., faults=True, public_url=..., order={"seed_sample": True})

    assert said.count(";") == 3


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "short",
        "x" * 64,
        "0123456789" * 4,
        string.ascii_lowercase + string.digits,
        "Tr0ub4dor&3" * 3,
        "correct horse battery staple password",
        "APP_BACKEND_SECRET_KEY_FOR_MY_COMPANY",
        "development-only-development-only",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab1",
    ],
)
def test_weak_secrets(secret: str) -> None:
    assert weakness(secret) is not None


@pytest.mark.parametrize("make", [secrets.token_urlsafe, secrets.token_hex])
def test_random_secrets_are_strong(make: Any) -> None:
    # 16 bytes in hexadecimal are the least that is taken: 32 characters.
    weak = [
        text
        for text in (make(32 if make is secrets.token_urlsafe else 16) for _ in range(500))
        if weakness(text)
    ]

    assert len(weak) <= 1, "no more often than chance has it"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("APP_BACKEND_ALLOWED_ORIGINS", "app.example.test"),
        ("APP_BACKEND_ALLOWED_ORIGINS", "https://app.example.test/path"),
        ("APP_BACKEND_PICTURE_PROVIDERS", "https://pictures.example.org"),
        ("APP_BACKEND_PICTURE_PROVIDERS", "*"),
        ("APP_BACKEND_PICTURE_PROVIDERS", "pictures.example.org."),
        ("APP_BACKEND_TRUSTED_PROXIES", "proxy"),
        ("APP_BACKEND_TRUSTED_PROXIES", "*"),
        ("APP_BACKEND_MODE", "staging"),
        ("APP_BACKEND_SECRET_KEY", "short"),
    ],
)
def test_a_setting_that_is_not_valid_is_named(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str
) -> None:
    monkeypatch.setenv(setting, value)

    with pytest.raises(ValidationError, match=setting.removeprefix("APP_BACKEND_").lower()):
        Settings()


def test_secrets_do_not_show_in_what_is_printed() -> None:
    settings = Settings(secret_key=SecretStr(KEY), operator_token=SecretStr(KEY))

    assert KEY not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    ("listening_on", "given", "said"),
    [
        ("127.0.0.1", {"mode": "production"}, True),
        ("::1", {"mode": "production"}, True),
        ("127.0.0.1", {"mode": "production", "trusted_proxies": "127.0.0.1"}, False),
        ("192.0.2.1", {"mode": "production"}, False),
        ("127.0.0.1", {}, False),
    ],
)
def test_a_proxy_that_nobody_named_is_asked_for(listening_on: str, given: dict[str, str], said: bool) -> None:
    warning = proxy_warning(Settings(**given), listening_on=listening_on)  # type: ignore[arg-type]  # as text
    assert ("APP_BACKEND_TRUSTED_PROXIES" in warning) is said


@pytest.fixture
def production(environment: dict[str, str]) -> dict[str, str]:
    """The environment of a production that has all it needs."""
    safe = {
        "APP_BACKEND_MODE": "production",
        "APP_BACKEND_PASSWORD_HASHING": "strong",
        "APP_BACKEND_SECRET_KEY": KEY,
        "PUBLIC_URL": "https://api.example.test",
    }
    environment.update(safe)
    return environment


async def test_an_unsafe_production_does_not_start(
    production: dict[str, str], cloned_database: str, tmp_path: Path
) -> None:
    unsafe = production | {"APP_BACKEND_SECRET_KEY": "changeme" * 4, "APP_BACKEND_FAULTS": "1"}

    process = await launch(
        unsafe, "--database-url", cloned_database, "--data", str(tmp_path / "data"), "--seed-sample"
    )
    message = await refusal(process)

    assert process.returncode == 2
    assert message.startswith("app_backend: not fit for production: ")
    assert message.count("\n") == 1
    assert "changeme" not in message
    for named in ("APP_BACKEND_SECRET_KEY", "APP_BACKEND_FAULTS", "--seed-sample"):
        assert named in message


async def test_a_safe_production_works_and_tells_no_secret(
    production: dict[str, str], start: Start, cloned_database: str, tmp_path: Path
) -> None:
    password = f"word-{secrets.token_hex(8)}"
    account = {"email": f"{secrets.token_hex(8)}@example.test", "password": password, "display_name": "Ada"}
    async with (
        start("--database-url", cloned_database, "--data", str(tmp_path / "data")) as running,
        httpx.AsyncClient(base_url=running.address, headers={"Origin": "https://evil.test"}) as client,
    ):
        registered = (await client.post("/accounts", json=account)).json()
        tokens = [registered["token"], registered["refresh_token"]]
        signed_in = {"Authorization": f"Bearer {registered['token']}"}
        address = (await client.post("/me/avatar/uploads", headers=signed_in)).json()["url"]
        ticket = address.rpartition("/")[2]
        await client.put(f"/uploads/{ticket}", content=b"none")
        await client.post("/sessions", json={"email": account["email"], "password": password + "x"})
        await client.post("/sessions", content=b'{"password": "' + password.encode())
        await client.post("/sessions/refresh", json={"refresh_token": registered["refresh_token"]})
        faults = await client.get("/faults")
        answer = await client.get("/feed")

        assert await running.stop() == 0
        assert running.process.stderr is not None
        log = (await running.process.stderr.read()).decode()

    assert address.startswith("https://api.example.test/uploads/")
    assert faults.status_code == 404
    assert "max-age=31536000" in answer.headers["strict-transport-security"]
    assert "access-control-allow-origin" not in answer.headers
    assert "server" not in answer.headers
    assert "/sessions" in log, "there is a log to look into"
    for secret in (KEY, password, ticket, *tokens):
        assert secret not in log
