"""Credentials are kept out of everything that is said and written."""

from __future__ import annotations

import base64
import json
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.farm.redaction import PUT, SHORTEST, Redaction, basic, secrets_in

SECRET = 'p"ss/wörd\\1'


@pytest.mark.parametrize(
    "said",
    [
        SECRET,
        json.dumps({"accessKey": SECRET}),
        json.dumps({"accessKey": SECRET}, ensure_ascii=False),
        json.dumps({"log": json.dumps({"accessKey": SECRET})}),
        f"https://hub.example/?key={quote(SECRET, safe='')}",
        f"https://ada:{quote(SECRET, safe='')}@hub.example/wd/hub",
    ],
)
def test_a_secret_is_found_however_it_is_spelt(said: str) -> None:
    clean = Redaction([SECRET]).text(said)
    assert PUT in clean
    assert "rd" not in clean.replace(PUT, "")


@given(st.text(min_size=SHORTEST), st.text(), st.text())
def test_no_text_keeps_a_secret(secret: str, before: str, after: str) -> None:
    assert secret not in Redaction([secret]).text(before + secret + after).replace(PUT, "")


def test_credentials_nobody_named_are_known_by_where_they_stand() -> None:
    nothing = Redaction([])
    assert (
        nothing.text("GET https://ada:hush@grid.example/status") == f"GET https://{PUT}@grid.example/status"
    )
    header = f'{{"Authorization": "Basic {basic("ada", "hush")}"}}'
    assert nothing.text(header) == f'{{"Authorization": "Basic {PUT}"}}'
    harmless = "mailto:ada@example.test, http://127.0.0.1:4444/session and 12:30"
    assert nothing.text(harmless) == harmless


def test_what_is_too_short_to_be_a_secret_is_left_alone() -> None:
    assert Redaction(["", "1", "abc"]).text("abc 1") == "abc 1"


def test_secrets_are_those_a_target_names_and_those_that_are_called_so() -> None:
    environment = {
        "BROWSERSTACK_ACCESS_KEY": "one",
        "STORE_PASSWORD_FILE": "two",
        "FARM_USER": "three",
        # An endpoint that lets everybody in who knows it.
        "AWS_DEVICE_FARM_APPIUM_URL": "https://farm.example/hush",
        "PATH": "/bin",
        "KEYBOARD": "qwerty",
        "TOKEN_LIFETIME": "86400",
        "API_KEY_REQUIRED": "false",
        "EMPTY_TOKEN": "",
    }
    found = secrets_in(environment, named=["FARM_USER"])
    assert found == ("https://farm.example/hush", "one", "three", "two")


def test_a_folder_of_evidence_is_cleaned_and_its_archives_and_pictures_still_open(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "appium.log").write_text(f"session with {SECRET}\n")
    (tmp_path / "journeys.json").write_text(json.dumps({"error": SECRET}))
    (tmp_path / "calm.txt").write_text("nothing here")
    picture = b"\x89PNG\r\n" + SECRET.encode()
    (tmp_path / "frame.png").write_bytes(picture)
    with zipfile.ZipFile(tmp_path / "broken.zip", "w") as broken:
        broken.writestr("trace.network", "cut short")
    whole = (tmp_path / "broken.zip").read_bytes()
    (tmp_path / "broken.zip").write_bytes(whole.replace(b"cut short", b"cut shore"))
    with zipfile.ZipFile(tmp_path / "trace.zip", "w") as trace:
        trace.writestr("trace.network", f"Authorization: Basic {basic('ada', SECRET)}")
        trace.writestr("frame.png", picture)

    secrets = [SECRET, basic("ada", SECRET)]
    changed = Redaction(secrets).folder(tmp_path)

    assert {each.name for each in changed} == {"appium.log", "journeys.json", "trace.zip"}
    assert (tmp_path / "deep" / "appium.log").read_text() == f"session with {PUT}\n"
    assert json.loads((tmp_path / "journeys.json").read_text()) == {"error": PUT}
    with zipfile.ZipFile(tmp_path / "trace.zip") as trace:
        assert trace.testzip() is None
        assert base64.b64encode(b"ada:") not in trace.read("trace.network")
        assert trace.read("frame.png") == picture
    assert Redaction(secrets).folder(tmp_path) == []
