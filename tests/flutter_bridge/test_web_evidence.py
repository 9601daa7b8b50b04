"""What is kept of a page when a journey has failed: its console, and its screen where nobody else does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from flutter_bridge import FlutterApp, SemanticsMissing, by
from flutter_bridge.evidence import HIDDEN
from flutter_bridge.mobile_web import chromium_capabilities, open_mobile_web_app
from tests.flutter_bridge.test_web_app import BOX, flutter

Serve = Callable[[str], Awaitable[str]]

SECRET = """
    host.insertAdjacentHTML("beforeend", `<flt-semantics id="flt-semantic-node-2"
        flt-semantics-identifier="secret" style="position:absolute; pointer-events:all; left:50px; top:150px;
        width:100px; height:40px"><input type="password"
        oninput="console.log('typed', this.value)"></flt-semantics>`);
"""
PAGE = '<meta name="viewport" content="width=device-width">' + flutter(f"""
    console.log("signed in as", "ada");
    show(1, "Fail", "{BOX}");
    {SECRET}
    node(1).addEventListener("click", () => {{
        show(3, "Failed", "left:50px; top:250px; width:100px; height:40px;");
        throw new Error("nobody catches it");
    }});
""")


@pytest.fixture
def open_mobile(appium_server: str, tmp_path: Path) -> Callable[[str], Any]:
    """`open_mobile_web_app` with what every test gives it."""

    def opened(url: str) -> Any:
        return open_mobile_web_app(
            server=appium_server,
            capabilities=chromium_capabilities(size=(400, 300)),
            url=url,
            artifacts=tmp_path / "artifacts",
            timeout=5.0,
            start_timeout=20.0,
        )

    return opened


async def fails(app: FlutterApp) -> None:
    """Type a password, and have the page fail."""
    await app.enter_text(by.identifier("secret"), "hunter2000")
    await app.tap(by.text("Fail"))
    await app.find(by.text("Failed"))


async def console_after_failure(app: FlutterApp, folder: Path) -> list[str]:
    """Return the console that is kept of an app that has failed."""
    await fails(app)
    await app.keep_evidence(folder, "alice")
    return (folder / "alice-console.log").read_text(encoding="utf-8").splitlines()


async def test_a_pages_console_and_its_uncaught_errors_are_kept_and_no_second_screenshot(
    serve_page: Serve, open_page: Any, tmp_path: Path
) -> None:
    async with open_page(await serve_page(PAGE), timeout=5.0) as app:
        lines = await console_after_failure(app, tmp_path / "kept")
        assert any("Z log     signed in as ada" in line for line in lines)
        assert any("Z error   Error: nobody catches it" in line for line in lines)
        assert any(line.endswith(f"typed {HIDDEN}") for line in lines)
        assert "hunter2000" not in "\n".join(lines)
        assert [file.name for file in (tmp_path / "kept").iterdir()] == ["alice-console.log"]
        await app.close()
        await app.keep_evidence(tmp_path / "late", "alice")
    assert not (tmp_path / "late").exists()


async def test_what_can_not_be_loaded_is_named_without_its_query(
    serve_page: Serve, open_page: Any, tmp_path: Path
) -> None:
    script = """<script>const image = new Image();
        image.onerror = () => document.title = "missing";
        image.src = "http://127.0.0.1:1/picture.png?token=topsecret";</script>"""
    address = await serve_page(flutter(f'show(1, "On", "{BOX}")') + script)
    async with open_page(address) as app:
        await app.page.wait_for_function("document.title === 'missing'")
        await app.keep_evidence(tmp_path, "alice")
    said = (tmp_path / "alice-console.log").read_text()
    assert "(http://127.0.0.1:1/picture.png)\n" in said
    assert "topsecret" not in said


async def test_a_page_that_said_nothing_leaves_nothing(
    serve_page: Serve, open_page: Any, tmp_path: Path
) -> None:
    async with open_page(await serve_page(flutter(f'show(1, "On", "{BOX}")'))) as app:
        await app.keep_evidence(tmp_path / "kept", "alice")
    assert not (tmp_path / "kept").exists()


async def test_a_page_that_does_not_start_leaves_it_under_its_targets_name(
    serve_page: Serve, open_page: Any, tmp_path: Path
) -> None:
    address = await serve_page("<script>throw new Error('nobody catches it')</script>")
    with pytest.raises(SemanticsMissing):
        async with open_page(address, start_timeout=0.3):
            pass
    assert "Error: nobody catches it" in (tmp_path / "artifacts" / "web-console.log").read_text()


async def test_a_page_that_was_closed_behind_our_back_has_said_it_before(
    serve_page: Serve, open_page: Any, tmp_path: Path
) -> None:
    async with open_page(await serve_page(PAGE)) as app:
        await app.page.close()
        await app.keep_evidence(tmp_path, "alice")
    assert "signed in as ada" in (tmp_path / "alice-console.log").read_text()


async def test_of_a_browser_behind_appium_screen_and_console_are_kept(
    serve_page: Serve, open_mobile: Callable[[str], Any], tmp_path: Path
) -> None:
    async with open_mobile(await serve_page(PAGE)) as app:
        lines = await console_after_failure(app, tmp_path / "kept")
        assert any("info" in line and "ada" in line for line in lines)
        assert any("severe" in line and "nobody catches it" in line for line in lines)
        assert "hunter2000" not in "\n".join(lines)
        with Image.open(tmp_path / "kept" / "alice-screen.png") as picture:
            assert picture.size == (400, 300)


async def test_a_browser_that_is_gone_keeps_nothing_and_raises_nothing(
    serve_page: Serve, open_mobile: Callable[[str], Any], tmp_path: Path
) -> None:
    async with open_mobile(await serve_page(PAGE)) as app:
        await app.driver.page._session.call(lambda driver: driver.quit())
        await app.keep_evidence(tmp_path / "kept", "alice")
    assert not (tmp_path / "kept").exists()
