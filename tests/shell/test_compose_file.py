"""`docker-compose.yml`: what runs without a profile, and what other machines can reach of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import make_url

ROOT = Path(__file__).parents[2]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]

by_service = pytest.mark.parametrize("name", SERVICES)


def test_an_emulator_is_started_where_it_is_asked_for_only() -> None:
    assert {name for name, service in SERVICES.items() if "profiles" not in service} == {
        "postgres",
        "backend",
    }
    assert {name for name, service in SERVICES.items() if service.get("profiles") == ["android"]} == {
        "emulator",
        "appium",
    }


def test_the_tests_database_is_where_they_look_for_it_and_keeps_nothing() -> None:
    service = SERVICES["test-db"]
    commented = re.search(r"TEST_DATABASE_URL=(\S+)", (ROOT / "docker-compose.yml").read_text())
    assert commented is not None
    url = make_url(commented[1])

    assert service["profiles"] == ["test"]
    assert service["ports"] == [f"127.0.0.1:{url.port}:5432"]
    assert service["environment"] == {
        "POSTGRES_USER": url.username,
        "POSTGRES_PASSWORD": f"${{POSTGRES_PASSWORD:-{url.password}}}",
        "POSTGRES_DB": url.database,
    }
    assert "volumes" not in service


def test_pictures_are_in_a_bucket_where_that_is_asked_for_only() -> None:
    asked_for = {name for name, service in SERVICES.items() if service.get("profiles") == ["s3"]}
    assert asked_for == {"minio", "bucket"}
    backend = SERVICES["backend"]
    assert backend["environment"]["APP_BACKEND_STORAGE_URL"] == "${APP_BACKEND_STORAGE_URL:-}"
    # Else nothing would start without the profile.
    assert backend["depends_on"]["bucket"]["required"] is False
    assert SERVICES["bucket"]["command"][-1].endswith("/pictures")


@by_service
def test_only_this_machine_reaches_a_service(name: str) -> None:
    ports = SERVICES[name].get("ports", [])
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


@by_service
def test_images_are_pinned(name: str) -> None:
    if "build" not in SERVICES[name]:
        # The default, where the image may be given.
        image = re.sub(r"^\$\{\w+:-(.*)\}$", r"\1", SERVICES[name]["image"])
        assert re.search(r":[\w.]*\d[\w.-]*$", image)


@by_service
def test_what_waits_for_a_service_can_tell_when_it_is_ready(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        if wait["condition"] == "service_completed_successfully":
            # It does one thing, and ends.
            assert "healthcheck" not in SERVICES[other]
            assert "ports" not in SERVICES[other]
        else:
            assert wait == {"condition": "service_healthy"}
            assert "healthcheck" in SERVICES[other]


def test_the_emulator_gets_hardware_acceleration_and_no_more_rights() -> None:
    assert SERVICES["emulator"]["devices"] == ["/dev/kvm"]
    assert [name for name, service in SERVICES.items() if service.get("privileged")] == []


def test_appium_is_of_the_version_that_is_pinned_for_this_machine() -> None:
    pinned = json.loads((ROOT / "package.json").read_text())["dependencies"]["appium"]
    assert re.fullmatch(rf"appium/appium:v{re.escape(pinned)}-p\d+", SERVICES["appium"]["image"])
