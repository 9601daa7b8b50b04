"""What only a browser behind Appium has: sessions that get lost, and a file chooser of our own."""

from __future__ import annotations

import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from selenium.webdriver.remote.command import Command

from flutter_bridge import (
    ActionFailed,
    AppUnreachable,
    BrowserMissing,
    FlutterApp,
    NoAnswer,
    NotFound,
    Role,
    SemanticsMissing,
    by,
)
from flutter_bridge.mobile_web import chromium_capabilities, session
from flutter_bridge.mobile_web.opening import VARIABLE, find_chromedriver
from flutter_bridge.mobile_web.webdriver_page import MAX_FILE_BYTES, WebDriverPage
from flutter_bridge.web import BrowserDriver
from tests.flutter_bridge.appium_server import running_appium
from tests.flutter_bridge.test_web_app import BOX
from tests.flutter_bridge.test_web_app import flutter as flutter_on_a_desk
from tests.flutter_bridge.test_web_html import sign_in_and_out, signing_on
from tests.site_server import Answer, Site

Serve = Callable[[str], Awaitable[str]]
Open = Callable[..., AbstractAsyncContextManager[FlutterApp]]


def flutter(script: str) -> str:
    """A page that mimics a Flutter app, which has a phone show it as large as it is."""
    return f'<meta name="viewport" content="width=device-width">{flutter_on_a_desk(script)}'


# -- what is asked for


def test_the_capabilities_are_those_of_a_phone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    asked = chromium_capabilities(
        chromedriver=sys.executable, browser=sys.executable, size=(360, 640), pixel_ratio=2.5
    )
    assert asked["appium:automationName"] == "Chromium"
    # Without it, touches just after a load go to the page before in every third gesture on a busy machine.
    assert "--disable-back-forward-cache" in asked["goog:chromeOptions"]["args"]
    assert asked["appium:executable"] == asked["goog:chromeOptions"]["binary"] == sys.executable
    assert asked["goog:chromeOptions"]["mobileEmulation"]["deviceMetrics"] == {
        "width": 360,
        "height": 640,
        "pixelRatio": 2.5,
        "touch": True,
        "mobile": True,
    }


def test_a_chromedriver_that_is_not_there_is_said_to_be_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrowserMissing, match="no chromedriver found: install the one of your browser's"):
        find_chromedriver()
    monkeypatch.setenv(VARIABLE, "/nowhere/chromedriver")
    with pytest.raises(BrowserMissing, match=f"no chromedriver at /nowhere/chromedriver.*{VARIABLE}"):
        chromium_capabilities()


# -- what stands in a session's way


async def test_an_appium_that_is_not_there(open_mobile: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(AppUnreachable, match=rf"^Appium at http://127.0.0.1:{port} can't be reached.*$"):
        async with open_mobile("http://127.0.0.1:1", server=f"http://127.0.0.1:{port}"):
            pass


async def test_a_chromedriver_that_only_appium_misses(open_mobile: Open) -> None:
    capabilities = chromium_capabilities() | {"appium:executable": "/nowhere/chromedriver"}
    with pytest.raises(AppUnreachable, match=r"opened no session: .*/nowhere/chromedriver") as caught:
        async with open_mobile("http://127.0.0.1:1", capabilities=capabilities):
            pass
    assert "\n" not in str(caught.value)


OLD_CHROMEDRIVER = """#!{python}
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

if "--port" not in " ".join(sys.argv):
    sys.exit(print("ChromeDriver 100.0.4896.20 (0000000)"))

class Old(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    def answer(self, status, value):
        body = json.dumps({{"value": value}}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer(200, {{"ready": True, "message": "ready", "build": {{"version": "100.0.4896.20"}}}})
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(500, {{"error": "session not created", "stacktrace": "", "message":
            "session not created: This version of ChromeDriver only supports Chrome version 100\\n"
            "Current browser version is 156.0.8078.79 with binary path /usr/bin/chromium"}})
    do_DELETE = do_GET

print("Starting ChromeDriver 100.0.4896.20", flush=True)
port = next(each.partition("=")[2] for each in sys.argv if each.startswith("--port="))
ThreadingHTTPServer(("127.0.0.1", int(port)), Old).serve_forever()
"""


async def test_a_chromedriver_of_another_version(open_mobile: Open, tmp_path: Path) -> None:
    chromedriver = tmp_path / "chromedriver"
    chromedriver.write_text(OLD_CHROMEDRIVER.format(python=sys.executable))
    chromedriver.chmod(0o755)
    capabilities = chromium_capabilities(chromedriver=chromedriver) | {"appium:disableBuildCheck": True}
    with pytest.raises(
        AppUnreachable, match=r"its chromedriver is for Chrome 100 and the browser is 156\.0\.8078\.79"
    ) as caught:
        async with open_mobile("http://127.0.0.1:1", capabilities=capabilities):
            pass
    assert "\n" not in str(caught.value)


async def test_an_address_nobody_serves(open_mobile: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with pytest.raises(AppUnreachable, match=rf"^{address}/ can't be reached \(ERR_CONNECTION_REFUSED\)"):
        async with open_mobile(address):
            pass


async def test_an_address_that_never_answers(open_mobile: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(AppUnreachable, match=rf"^{address}/ did not answer in time: is the app running"):
            async with open_mobile(address, capabilities=chromium_capabilities(), start_timeout=8.0):
                pass


async def test_a_page_that_is_no_flutter_app(serve_page: Serve, open_mobile: Open) -> None:
    with pytest.raises(SemanticsMissing, match=r"there is no Flutter app on this page.*; screenshot: "):
        async with open_mobile(await serve_page("<p>Welcome"), start_timeout=3.0, session_timeout=60.0):
            pass


async def test_two_sessions_at_once_are_in_nobodys_way(serve_page: Serve, open_mobile: Open) -> None:
    """Left to itself, the driver ends whatever chromedriver it finds on its one port."""
    address = await serve_page(flutter(f'show(1, "On", "{BOX}")'))
    async with open_mobile(address) as first, open_mobile(address) as second:
        await second.tap(by.text("On"))
        await first.tap(by.text("On"))


# -- what goes away in the middle


async def test_a_session_that_is_ended(serve_page: Serve, open_mobile: Open) -> None:
    async with open_mobile(await serve_page(flutter(f'show(1, "On", "{BOX}")'))) as app:
        assert isinstance(app.driver, BrowserDriver)
        page = app.driver.page
        assert isinstance(page, WebDriverPage)
        await page._session.call(lambda driver: driver.execute(Command.QUIT))
        for action in (app.semantics(), app.tap(by.text("On")), app.screenshot(), app.restart()):
            with pytest.raises(AppUnreachable, match="has ended the session") as caught:
                await action
            assert "\n" not in str(caught.value)


def runs(process: int) -> bool:
    """Whether a process does anything yet: one that has ended may wait for its parent to hear of it."""
    try:
        return "Z (zombie)" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False


async def test_a_page_that_hangs_when_it_is_touched_is_told_and_its_browser_ended(
    serve_page: Serve, open_mobile: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chromedriver neither answers nor ends such a browser, which would keep a core to itself."""
    html = flutter(f"""
        show(1, "Hang", "{BOX}");
        addEventListener("touchstart", () => {{ for (;;); }});
    """)
    monkeypatch.setattr("flutter_bridge.mobile_web.webdriver_page.GESTURE_S", 1.0)
    monkeypatch.setattr("flutter_bridge.appium.session.CLOSING_S", 1.0)
    async with open_mobile(await serve_page(html)) as app:
        assert isinstance(app.driver, BrowserDriver)
        page = app.driver.page
        assert isinstance(page, WebDriverPage)
        browser = page._session.capabilities["goog:processID"]
        assert runs(browser)
        with pytest.raises(NoAnswer):
            await app.driver.tap((100.0, 70.0))
    assert not runs(browser)


async def test_an_appium_that_goes_away(serve_page: Serve, open_mobile: Open) -> None:
    address = await serve_page(flutter(f'show(1, "On", "{BOX}")'))
    async with running_appium("chromium") as server, open_mobile(address, server=server.address) as app:
        await server.end()
        with pytest.raises(AppUnreachable, match=rf"^Appium at {server.address} .*running there\?$"):
            await app.semantics()


async def test_closing_twice_does_nothing(serve_page: Serve, open_mobile: Open) -> None:
    async with open_mobile(await serve_page(flutter(f'show(1, "On", "{BOX}")'))) as app:
        await app.close()
        await app.close()


# -- files


CHOOSERS = {
    "made and clicked": "input.click()",
    "shown": "input.showPicker()",
    "told of a click": "document.body.append(input), input.dispatchEvent(new MouseEvent('click'))",
}


@pytest.mark.parametrize("way", CHOOSERS.values(), ids=CHOOSERS.keys())
async def test_a_field_that_asks_for_a_file_is_given_it(
    serve_page: Serve, open_mobile: Open, tmp_path: Path, way: str
) -> None:
    file = tmp_path / "Grüße.png"
    file.write_bytes(bytes(range(256)))
    html = flutter(f"""
        show(1, "Choose", "{BOX}");
        node(1).addEventListener("click", () => {{
            const input = document.createElement("input");
            input.type = "file";
            input.addEventListener("change", async () => {{
                const [file] = input.files;
                const bytes = new Uint8Array(await file.arrayBuffer());
                show(2, `${{file.name}} ${{file.type}} ${{bytes.length}} ${{bytes[255]}}`, "{BOX}");
            }});
            {way};
        }});
    """)
    async with open_mobile(await serve_page(html)) as app:
        await app.choose_file(by.text("Choose"), file)
        await app.find(by.text("Grüße.png image/png 256 255"))


async def test_a_chooser_that_nobody_asked_for_is_left_to_the_browser(
    serve_page: Serve, open_mobile: Open, tmp_path: Path
) -> None:
    """A browser opens its chooser only after something a person did; so does what takes its place."""
    file = tmp_path / "picture.png"
    file.write_bytes(b"")
    html = flutter(f"""
        show(1, "Choose", "{BOX}");
        const input = document.createElement("input");
        input.type = "file";
        input.click();
    """)
    async with open_mobile(await serve_page(html)) as app:
        with pytest.raises(ActionFailed, match=r"opened no file chooser within 2\.0 s"):
            await app.choose_file(by.text("Choose"), file, timeout=2.0)


async def test_a_file_too_large_for_a_page_is_refused(
    serve_page: Serve, open_mobile: Open, tmp_path: Path
) -> None:
    file = tmp_path / "huge.bin"
    with file.open("wb") as opened:
        opened.truncate(MAX_FILE_BYTES + 1)
    async with open_mobile(await serve_page(flutter(f'show(1, "On", "{BOX}")'))) as app:
        with pytest.raises(ActionFailed, match=r"has 52,428,801 bytes; .* 52,428,800 at most"):
            await app.choose_file(by.text("On"), file)


# -- pages that aren't all Flutter


async def test_one_signs_in_on_html_and_is_led_to_the_app_and_back(
    serve_site: Callable[[Site], Awaitable[str]], open_mobile: Open
) -> None:
    address = await serve_site(signing_on)
    async with open_mobile(f"{address}/app/") as app:
        await sign_in_and_out(app)


async def test_an_app_in_a_frame_is_operated_and_given_a_file(
    serve_site: Callable[[Site], Awaitable[str]], open_mobile: Open, tmp_path: Path
) -> None:
    file = tmp_path / "picture.png"
    file.write_bytes(b"")
    inner = flutter_on_a_desk(f"""
        show(1, "Choose", "{BOX}");
        node(1).addEventListener("click", () => {{
            const input = Object.assign(document.createElement("input"), {{ type: "file" }});
            input.addEventListener("change", () => show(2, input.files[0].name, "{BOX}"));
            input.click();
        }});
    """)
    outer = '<meta name="viewport" content="width=device-width"><iframe src="/inner"></iframe>'
    address = await serve_site(lambda request: Answer(inner if request.path == "/inner" else outer))
    async with open_mobile(address) as app:
        await app.choose_file(by.text("Choose"), file)
        await app.find(by.text("picture.png"))


# -- what a browser shows


async def test_a_screenshot_is_in_physical_pixels(serve_page: Serve, open_mobile: Open) -> None:
    capabilities = chromium_capabilities(size=(400, 300), pixel_ratio=2)
    html = flutter(f'show(1, "On", "{BOX}")')
    async with open_mobile(await serve_page(html), capabilities=capabilities) as app:
        assert (await app.screenshot()).size == (800, 600)
        assert (await app.semantics()).pixel_ratio == 2
        async with app.frames() as frames:
            assert frames.kind == "screenshots"
            assert (await anext(aiter(frames))).scale == 2


async def test_a_wait_leaves_frames_to_be_taken_in_between(serve_page: Serve, open_mobile: Open) -> None:
    """The driver does one thing at a time: what waits in the page for long keeps frames from being taken."""
    async with open_mobile(await serve_page(flutter(f'show(1, "On", "{BOX}")'))) as app:
        assert isinstance(app.driver, BrowserDriver)
        page = app.driver.page
        patience = page.patience
        async with app.frames():
            assert page.patience < patience / 10
        assert page.patience == patience


async def test_a_covered_node_is_not_tapped(serve_page: Serve, open_mobile: Open) -> None:
    html = flutter(f"""
        show(1, "Below", "{BOX}");
        show(2, "Above", "left:0; top:0; width:300px; height:200px;");
    """)
    async with open_mobile(await serve_page(html)) as app:
        with pytest.raises(NotFound, match='is covered by button "Above"'):
            await app.tap(by.text("Below"), timeout=0.2)


async def test_a_browser_without_chromiums_protocol_is_driven_as_well(
    serve_page: Serve, open_mobile: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The script is brought into each document that lacks it: the first one, and the one after a restart."""
    monkeypatch.setattr(session, "PROTOCOL", "/session/$sessionId/unknown")
    html = flutter(f'show(1, `Loaded at ${{performance.timeOrigin}}`, "{BOX}")')
    async with open_mobile(await serve_page(html)) as app:
        first = (await app.find(by.role(Role.BUTTON))).label
        await app.restart()
        assert (await app.find(by.role(Role.BUTTON))).label != first
