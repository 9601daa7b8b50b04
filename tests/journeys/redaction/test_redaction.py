"""Credentials are kept out of everything that is said and written."""

from __future__ import annotations

import base64
import html
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.redaction import (
    PUT,
    SHORTEST,
    Redaction,
    basic,
    know,
    know_within,
    redact,
    redact_files,
    redact_record,
    redact_streams_within,
    secrets_in,
    secrets_in_words,
    unwrap_stream,
)

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
        f"https://hub.example/?to={quote(quote(SECRET, safe=''), safe='')}",
        f"https://hub.example/?key={quote(SECRET, safe='').lower()}",
        repr({"accessKey": SECRET}),
        f'<property value="{html.escape(SECRET)}"/>',
        f"<p>{html.escape(SECRET, quote=False)}</p>",
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


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_inside_of_base64_is_found_wherever_it_begins(
    before: str, encode: Callable[[bytes], bytes]
) -> None:
    secret = "ÿþ>>correct horse??battery"
    said = encode(f"{before}{secret}, and more".encode()).decode()
    clean = Redaction([secret]).text(f"data:text/plain;base64,{said}")
    assert PUT in clean
    # Of the secret's own bytes none is left: what stands there is what was before and behind it.
    assert len(clean.replace(PUT, "").removeprefix("data:text/plain;base64,")) <= len(said) - len(secret)


@pytest.mark.parametrize(
    ("said", "clean"),
    [
        ("['correct hors...']", f"['{PUT}...']"),
        ("'...rect horse battery'", f"'...{PUT}'"),
        ("at corre…", f"at {PUT}…"),
        ("correct horse battery...", f"{PUT}..."),
        ("corr... and so on", "corr... and so on"),
        ("spread(...args)", "spread(...args)"),
    ],
)
def test_nor_is_half_a_secret_left_where_somebody_cut_it_short(said: str, clean: str) -> None:
    assert Redaction(["correct horse battery"]).text(said) == clean


@pytest.mark.parametrize(
    ("said", "clean"),
    [
        ("git clone https://0123456789abcdef@git.example/x", f"git clone https://{PUT}@git.example/x"),
        ("postgresql://ada:@db/x", f"postgresql://{PUT}@db/x"),
        ("Authorization: Bearer abc.def", f"Authorization: Bearer {PUT}"),
        ("authorization: hush", f"authorization: {PUT}"),
        ("{'Authorization': b'Basic YTpi'}", f"{{'Authorization': b'Basic {PUT}'}}"),
        (r"{\"Authorization\": \"Bearer x1\"}", rf"{{\"Authorization\": \"Bearer {PUT}\"}}"),
        (
            '{"name":"Authorization","value":"Basic YTpi"}',
            f'{{"name":"Authorization","value":"Basic {PUT}"}}',
        ),
        ('Authorization: Digest username="ada", response="1f"', f"Authorization: Digest {PUT}"),
        ("sent with Bearer k2c0ffee99", f"sent with Bearer {PUT}"),
        (f"sent with Basic {base64.b64encode(b'ada:hush').decode()}", f"sent with Basic {PUT}"),
        ("Cookie: sid=1; theme=dark\nHost: x", f"Cookie: {PUT}\nHost: x"),
        ('{"name":"Set-Cookie","value":"sid=1; Path=/"}', f'{{"name":"Set-Cookie","value":"{PUT}"}}'),
        ("X-Api-Key: 0815", f"X-Api-Key: {PUT}"),
        ("GET /?page=2&access_token=a%2Fb&x=1", f"GET /?page=2&access_token={PUT}&x=1"),
        ("https://x.example/#id_token=abc", f"https://x.example/#id_token={PUT}"),
        ("to=%2F%3Ftoken%3Dabc%26x%3D1", f"to=%2F%3Ftoken%3D{PUT}%26x%3D1"),
        ("?X-Amz-Signature=0f&amp;X-Amz-Date=1", f"?X-Amz-Signature={PUT}&amp;X-Amz-Date=1"),
        ('{"refresh_token": "a\\"b", "n": "1"}', f'{{"refresh_token": "{PUT}", "n": "1"}}'),
        ("{'password': 'hush', 'email': 'a@b.c'}", f"{{'password': '{PUT}', 'email': 'a@b.c'}}"),
        (r'"{\"apiKey\":\"hush\"}"', rf'"{{\"apiKey\":\"{PUT}\"}}"'),
        ('{"name":"password","value":"hush"}', f'{{"name":"password","value":"{PUT}"}}'),
        ("pytest --farm-token=hush -x", f"pytest --farm-token={PUT} -x"),
        ("SAUCE_ACCESS_KEY=hush PATH=/bin", f"SAUCE_ACCESS_KEY={PUT} PATH=/bin"),
        ("got eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.c2ln", f"got {PUT}"),
    ],
)
def test_what_stands_where_a_secret_does_is_one(said: str, clean: str) -> None:
    assert Redaction([]).text(said) == clean
    assert Redaction([]).text(clean) == clean, "what was cleaned once stays as it is"


@pytest.mark.parametrize(
    "said",
    [
        "http://127.0.0.1:8000/people/@ada?limit=20&cursor=abc",
        "basic authentication is refused, and so is a bearer certificate",
        "Password: at least 8 characters",
        "sign_in(email=email, password=person.password)",
        '{"label": "Password", "value": "", "monkey": "banana"}',
        "step 3: Alice enters her password ...",
        "ssh://git@git.example/x",
    ],
)
def test_what_only_speaks_of_secrets_is_left_alone(said: str) -> None:
    assert Redaction([]).text(said) == said


def test_a_command_line_is_read_for_what_is_secret_in_it() -> None:
    words = [
        *("--backend-url", "https://ada:p%2Fw%2Fd@api.example/x?page=2&token=abc"),
        "--app-url=http://0123456789@app.example/@ada",
        *("--farm-token", "hush"),
        "--grid-password=silent",
        "--other=http://ada:un/sound word@host",
        *("-k", "password", "https://git.example/@ada"),
    ]
    assert secrets_in_words(words) == {
        *("p%2Fw%2Fd", "p/w/d", "abc", "0123456789", "hush", "silent", "un/sound word"),
        basic("ada", "p/w/d"),
        basic("ada", "un/sound word"),
    }


def test_secrets_are_known_as_long_as_they_are_needed(capsys: pytest.CaptureFixture[str]) -> None:
    with know_within(["correct horse"]), redact_streams_within():
        know(["battery staple"])
        sys.stdout.write("correct horse, battery staple\n")
        unwrap_stream(sys.stdout).write("correct horse\n")
        assert redact_record({"a": ["correct horse", 1, ("battery staple",)]}) == {"a": [PUT, 1, (PUT,)]}
    sys.stdout.write("correct horse\n")
    assert capsys.readouterr().out == f"{PUT}, {PUT}\ncorrect horse\ncorrect horse\n"


def test_a_secret_that_comes_into_the_environment_later_is_known_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert redact("correct horse") == "correct horse"
    monkeypatch.setenv("LATE_TOKEN", "correct horse")
    assert redact("correct horse") == PUT


def test_what_can_not_be_cleaned_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "full.log").write_text("https://ada:hush@x")
    (tmp_path / "link.log").symlink_to(tmp_path / "full.log")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("journeys.redaction.redactor.write_atomically", full)
        assert redact_files(tmp_path, tmp_path / "gone.xml") == [
            f"{tmp_path}/full.log: No space left on device"
        ]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["full.log", "link.log"]
    assert redact_files(tmp_path) == []
    assert (tmp_path / "link.log").read_text() == f"https://{PUT}@x"


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
