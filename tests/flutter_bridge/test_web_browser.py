from __future__ import annotations

import re
from pathlib import Path

import playwright
import pytest

from flutter_bridge import BrowserMissing
from flutter_bridge.address import is_loopback
from flutter_bridge.web import find_browser, launch_arguments, launch_options
from flutter_bridge.web.browser import SWITCHED_OFF, VARIABLE


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv(VARIABLE, raising=False)


def executable(path: Path) -> Path:
    path.touch(mode=0o755)
    return path


def test_an_installed_browser_is_found(tmp_path: Path) -> None:
    chrome = executable(tmp_path / "google-chrome")
    assert find_browser() == chrome
    chromium = executable(tmp_path / "chromium")
    assert find_browser() == chromium


def test_playwrights_own_is_the_last_resort(tmp_path: Path) -> None:
    bundled = executable(tmp_path / "headless")
    assert find_browser(bundled=bundled) == bundled
    assert find_browser(bundled=tmp_path / "missing", wanted=bundled) == bundled


def test_a_named_browser_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(tmp_path / "chromium")
    monkeypatch.setenv(VARIABLE, str(executable(tmp_path / "mine")))
    assert find_browser() == tmp_path / "mine"


def test_a_named_browser_has_to_be_there(tmp_path: Path) -> None:
    executable(tmp_path / "chromium")
    with pytest.raises(BrowserMissing, match=r"no browser at .*missing"):
        find_browser(tmp_path / "missing")


def test_no_browser_at_all_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BrowserMissing, match="playwright install chromium"):
        find_browser(bundled=tmp_path / "missing")


def test_only_this_host_can_be_reached() -> None:
    (rule,) = [word for word in launch_arguments(as_root=False) if "resolver" in word]
    assert rule.endswith("MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE [::1]")


def test_the_apps_own_host_can_be_reached() -> None:
    arguments = launch_arguments(
        reachable=["https://app.example.test:8443/x", "http://127.0.0.1:1"], hosts=["*.cdn.test"]
    )
    (rule,) = [word for word in arguments if "resolver" in word]
    assert rule.endswith("EXCLUDE [::1], EXCLUDE *.cdn.test, EXCLUDE app.example.test")


def test_an_address_needs_a_host() -> None:
    with pytest.raises(ValueError, match="write it as http"):
        launch_arguments(reachable=["example.test"])


@pytest.mark.parametrize("root", [True, False])
def test_the_sandbox_goes_for_root_only(*, root: bool) -> None:
    assert ("--no-sandbox" in launch_arguments(as_root=root)) is root


def test_what_playwright_switches_off_stays_off() -> None:
    """Two lists of features aren't added up: the last one counts, and that is ours."""
    (loader,) = Path(playwright.__file__).parent.glob("driver/package/lib/server/electron/loader.js")
    (listed,) = re.findall(r"disabledFeatures = .*?\[(.*?)\n\]", loader.read_text(), re.DOTALL)
    assert set(re.findall(r'^ *"(\w+)"', listed, re.MULTILINE)) <= set(SWITCHED_OFF)


def test_given_options_are_kept(tmp_path: Path) -> None:
    chromium = executable(tmp_path / "chromium")
    options = launch_options(given={"headless": False, "args": ["--mine"]})
    assert (options["headless"], options["executable_path"]) == (False, str(chromium))
    assert isinstance(options["args"], list)
    assert options["args"][-1] == "--mine"


def test_a_channel_is_a_browser_of_its_own() -> None:
    assert "executable_path" not in launch_options(given={"channel": "chrome"})


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("http://127.0.0.1:8080/x", True),
        ("http://localhost", True),
        ("http://[::1]:1", True),
        ("http://app.localhost", True),
        ("http://192.0.2.1", False),
        ("https://example.test", False),
        ("not an address", False),
    ],
)
def test_loopback(address: str, *, ours: bool) -> None:
    assert is_loopback(address) is ours
