"""`journeys browser --chromedriver`: the chromedriver of the browser's own version."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeys.cli import browser_verb, main
from journeys.cli.browser_verb import CHROMEDRIVER_VARIABLE, find_chromedriver, read_major_version


@pytest.fixture(autouse=True)
def only_what_is_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(browser_verb, "_CHROMEDRIVER_FOLDERS", (tmp_path / "usual",))
    monkeypatch.delenv(CHROMEDRIVER_VARIABLE, raising=False)
    monkeypatch.setenv(
        "JOURNEYS_BROWSER", str(saying(tmp_path / "chrome", "Google Chrome 150.0.7000.1 beta"))
    )


def saying(file: Path, version: str) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\necho '{version}'\n")
    file.chmod(0o755)
    return file


@pytest.mark.parametrize("place", ["chromedriver", "path/chromedriver", "usual/chromedriver"])
def test_it_is_found_where_it_usually_is(tmp_path: Path, place: str) -> None:
    driver = saying(tmp_path / place, "ChromeDriver 150.0.7000.99 (abc)")
    assert find_chromedriver(tmp_path / "chrome") == driver


def test_one_of_another_version_is_passed_over(tmp_path: Path) -> None:
    saying(tmp_path / "chromedriver", "ChromeDriver 149.0.7000.1")
    assert find_chromedriver(tmp_path / "chrome") is None
    fitting = saying(tmp_path / "usual/chromedriver", "ChromeDriver 150.0.1.2")
    assert find_chromedriver(tmp_path / "chrome") == fitting


def test_one_that_is_named_is_the_only_one_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saying(tmp_path / "chromedriver", "ChromeDriver 150.0.1.2")
    monkeypatch.setenv(CHROMEDRIVER_VARIABLE, str(saying(tmp_path / "mine", "ChromeDriver 150.0.1.2")))
    assert find_chromedriver(tmp_path / "chrome") == tmp_path / "mine"
    monkeypatch.setenv(CHROMEDRIVER_VARIABLE, str(tmp_path / "missing"))
    assert find_chromedriver(tmp_path / "chrome") is None


@pytest.mark.parametrize("said", ["", "no version"])
def test_what_says_no_version_has_none(tmp_path: Path, said: str) -> None:
    assert read_major_version(saying(tmp_path / "odd", said)) is None
    assert read_major_version(tmp_path / "missing") is None


def test_the_command_shows_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    driver = saying(tmp_path / "chromedriver", "ChromeDriver 150.0.7000.99")
    assert main(["browser", "--chromedriver"]) == 0
    assert capsys.readouterr().out == f"{driver}\n"


def test_where_there_is_none_the_command_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["browser", "--chromedriver"]) == 2
    assert capsys.readouterr().err == (
        f"journeys: error: no chromedriver of the same version as {tmp_path / 'chrome'}: install it"
        " (Debian: chromium-driver), or name one in JOURNEYS_CHROMEDRIVER\n"
    )


def test_root_on_debian_gets_it_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def installs(*command: str) -> bool:
        asked.append(command[3:])
        saying(tmp_path / "usual/chromedriver", "ChromeDriver 150.0.7000.99")
        return True

    monkeypatch.setattr(browser_verb, "_may_use_apt", lambda: True)
    monkeypatch.setattr(browser_verb, "_bundled_browser", lambda: tmp_path / "another browser")
    monkeypatch.setattr(browser_verb, "_do", installs)
    assert main(["browser", "--chromedriver", "--install"]) == 0
    assert asked == [("update",), ("install", "--yes", "--no-install-recommends", "chromium-driver")]
    assert capsys.readouterr().out == f"{tmp_path / 'usual/chromedriver'}\n"
