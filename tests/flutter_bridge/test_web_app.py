"""What only the web has: loading, switching semantics on, the browser's history, what lies in the way."""

from __future__ import annotations

import socket
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Error, Page

from flutter_bridge import (
    AppUnreachable,
    Box,
    BridgeError,
    NoAnswer,
    NotFound,
    Role,
    SemanticsMissing,
    by,
)
from flutter_bridge.clock import now
from flutter_bridge.frames import ScreenshotFrames
from flutter_bridge.web import WebApp, driver, open_web_app
from tests.site_server import Answer, Request, Site

Serve = Callable[..., Awaitable[str]]

NODES = """
    const host = document.body.appendChild(document.createElement("flt-semantics-host"));
    const show = (id, text, style, attributes = "") => host.insertAdjacentHTML("beforeend",
        `<flt-semantics id="flt-semantic-node-${id}" ${attributes} flt-tappable role="button"
           style="position:absolute; pointer-events:all; ${style}">${text}</flt-semantics>`);
    const node = (id) => document.getElementById(`flt-semantic-node-${id}`);
"""
START_TIMEOUT_S = 30.0  # what `open_web_app` waits for an app
BOX = "left:50px; top:50px; width:100px; height:40px;"


def flutter(script: str) -> str:
    """A page that mimics a Flutter app with semantics on from the start."""
    return f"<body style='margin:0'><flutter-view></flutter-view><script>{NODES}{script}</script></body>"


async def test_semantics_are_switched_on_at_the_placeholder(serve_page: Serve, open_page: Any) -> None:
    html = flutter(f"""
        document.body.insertAdjacentHTML("afterbegin", `<flt-semantics-placeholder
            style="position:absolute; left:-1px; top:-1px; width:1px; height:1px">
            </flt-semantics-placeholder>`);
        const placeholder = document.querySelector("flt-semantics-placeholder");
        placeholder.addEventListener("click", () => {{
            placeholder.remove();
            show(1, "On", "{BOX}");
        }});
    """)
    async with open_page(await serve_page(html)) as app:
        await app.find(by.text("On"))


async def test_a_mobile_engine_wants_its_placeholders_very_middle(serve_page: Serve, open_page: Any) -> None:
    html = flutter(f"""
        document.body.insertAdjacentHTML("afterbegin", `<flt-semantics-placeholder
            style="position:absolute; left:0; top:0; right:0; bottom:0"></flt-semantics-placeholder>`);
        const placeholder = document.querySelector("flt-semantics-placeholder");
        placeholder.addEventListener("click", (event) => {{
            const box = placeholder.getBoundingClientRect();
            const off = Math.hypot(event.offsetX - box.width / 2, event.offsetY - box.height / 2);
            if (off < 1) setTimeout(() => {{ placeholder.remove(); show(1, "On", "{BOX}"); }}, 300);
        }});
    """)
    async with open_page(await serve_page(html)) as app:
        await app.find(by.text("On"))


async def test_a_first_click_that_comes_too_early_is_repeated(serve_page: Serve, open_page: Any) -> None:
    html = flutter(f"""
        document.body.insertAdjacentHTML("afterbegin",
            "<flt-semantics-placeholder></flt-semantics-placeholder>");
        let clicks = 0;
        document.querySelector("flt-semantics-placeholder").addEventListener("click", () => {{
            if (++clicks === 2) show(1, "On", "{BOX}");
        }});
    """)
    async with open_page(await serve_page(html)) as app:
        await app.find(by.text("On"))


async def test_an_app_without_semantics_is_told_from_no_app(serve_page: Serve, open_page: Any) -> None:
    with pytest.raises(SemanticsMissing, match="the app shows no semantics"):
        async with open_page(await serve_page(flutter("")), start_timeout=1.5):
            pass
    with pytest.raises(SemanticsMissing, match="there is no Flutter app on this page"):
        async with open_page(await serve_page("<p>Welcome"), start_timeout=1.5):
            pass


async def test_an_address_nobody_serves(open_page: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(
        AppUnreachable, match=rf"http://127.0.0.1:{port}/ can't be reached \(ERR_CONNECTION_REFUSED\)"
    ):
        async with open_page(f"http://127.0.0.1:{port}"):
            pass


async def test_a_browser_that_goes_away(serve_page: Serve, open_page: Any) -> None:
    async with open_page(await serve_page(flutter(f'show(1, "On", "{BOX}")'))) as app:
        await app.page.close()
        for action in (
            app.semantics(),
            app.tap(by.text("On")),
            app.screenshot(),
            app.restart(),
            app.open("/x"),
        ):
            with pytest.raises(AppUnreachable, match="is gone"):
                await action


async def test_closing_twice_does_nothing(serve_page: Serve, open_page: Any) -> None:
    async with open_page(await serve_page(flutter(f'show(1, "On", "{BOX}")'))) as app:
        await app.close()
        await app.close()


async def test_no_context_is_left_where_opening_fails(
    browser: Browser, tmp_path: Path, serve_page: Serve
) -> None:
    before = len(browser.contexts)
    with pytest.raises(SemanticsMissing):
        async with open_web_app(
            new_context=browser.new_context,
            url=await serve_page("<p>"),
            artifacts=tmp_path,
            start_timeout=1.5,
        ):
            pass
    assert len(browser.contexts) == before


async def test_a_covered_node_is_not_tapped(serve_page: Serve, open_page: Any) -> None:
    html = flutter(f"""
        show(1, "Below", "{BOX}");
        show(2, "Above", "left:0; top:0; width:300px; height:200px;");
    """)
    async with open_page(await serve_page(html)) as app:
        with pytest.raises(NotFound, match='is covered by button "Above"'):
            await app.tap(by.text("Below"), timeout=0.2)


async def test_a_tap_waits_until_nothing_covers_the_node(serve_page: Serve, open_page: Any) -> None:
    html = flutter(f"""
        show(1, "Below", "{BOX}");
        show(2, "Above", "left:0; top:0; width:300px; height:200px;");
        setTimeout(() => node(2).remove(), 300);
        node(1).addEventListener("click", () => show(3, "Tapped", "{BOX}"));
    """)
    async with open_page(await serve_page(html)) as app:
        await app.tap(by.text("Below"))
        await app.find(by.text("Tapped"))


async def test_a_tap_waits_until_the_node_rests(serve_page: Serve, open_page: Any) -> None:
    html = flutter(f"""
        show(1, "Moving", "{BOX}");
        let at = 0;
        const move = () => {{
            node(1).style.left = `${{50 + at}}px`;
            if (++at < 20) requestAnimationFrame(move);
        }};
        move();
        node(1).addEventListener("click", () => show(3, at === 20 ? "At rest" : "Too early", "{BOX}"));
    """)
    async with open_page(await serve_page(html)) as app:
        await app.tap(by.text("Moving"))
        await app.find(by.text("At rest"))


async def test_a_page_with_touch_is_touched(serve_page: Serve, open_page: Any) -> None:
    html = flutter(f"""
        show(1, "Tap me", "{BOX}");
        node(1).addEventListener("touchstart", () => show(2, "Touched", "{BOX}"));
    """)
    async with open_page(await serve_page(html), has_touch=True) as app:
        await app.tap(by.text("Tap me"))
        await app.find(by.text("Touched"))


ROUTED = """
    const route = () => { host.innerHTML = ""; show(1, `Loaded at ${performance.timeOrigin}`, "%s"); };
    route();
"""


async def loaded(app: WebApp) -> str:
    return (await app.find(by.role(Role.BUTTON))).label


async def test_back_goes_where_one_was(serve_page: Serve, open_page: Any) -> None:
    html = flutter(
        ROUTED % BOX + 'addEventListener("popstate", route); history.pushState(null, "", "/people/42");'
    )
    async with open_page(await serve_page(html)) as app:
        first = await loaded(app)
        await app.back()
        assert app.page.url.endswith("/")
        assert await loaded(app) == first


async def test_the_question_to_go_back_goes_no_further_in_the_document_it_led_to(
    serve_page: Serve, page: Page
) -> None:
    """Chromedriver puts a question again whose document went away while it was answered."""
    back = "([ms, born]) => __flutterBridge.back(ms, born)"
    first, second, third = [await serve_page(f"<p>{number}</p>") for number in range(3)]
    for url in (first, second, third):
        await page.goto(url)
    born = await page.evaluate("() => __flutterBridge.born()")
    async with page.expect_navigation():
        with suppress(Error):  # the document goes, and the answer with it
            await page.evaluate(back, [1000, born])
    assert await page.evaluate(back, [1000, born]) is None
    assert page.url == f"{second}/"


async def test_back_waits_for_a_server_that_takes_its_time(
    serve_site: Callable[[Site], Awaitable[str]], open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "BACK_FOLLOWED_MS", 50)
    asked: list[str] = []

    def site(request: Request) -> Answer:
        asked.append(request.path)
        if asked.count("/first") > 1:
            threading.Event().wait(0.3)
        return Answer(flutter(f'show(1, "{request.path}", "{BOX}")'), headers={"Cache-Control": "no-store"})

    async with open_page(await serve_site(site), link="/first") as app:
        await app.page.goto(app.page.url.replace("/first", "/second"))
        await app.back()
        assert await loaded(app) == "/first"


async def test_back_out_of_the_app_is_told_where_it_led(serve_page: Serve, open_page: Any) -> None:
    elsewhere = await serve_page("<h1>Who are you?</h1>")
    async with open_page(await serve_page(flutter(ROUTED % BOX))) as app:
        app_address = app.page.url
        await app.page.goto(elsewhere)
        await app.page.goto(app_address)
        began = now()
        await app.back()
        assert now() - began < START_TIMEOUT_S / 2
        assert app.page.url.startswith(elsewhere)
        with pytest.raises(AppUnreachable, match=rf"shows no Flutter app: it is at {elsewhere}"):
            await app.find(by.role(Role.BUTTON), timeout=0.1)


async def test_what_the_page_asks_for_in_vain_is_named(
    serve_page: Serve, open_page: Any, tmp_path: Path
) -> None:
    wanted = (
        "https://fonts.example/a.woff2?key=secret",
        "https://fonts.example/b.woff2",
        "http://127.0.0.1:9/c",
    )
    html = flutter(f"""
        const all = {list(wanted)}.map((address) => fetch(address).catch(() => null));
        Promise.all(all).then(() => show(1, "Asked", "{BOX}"));
    """)
    async with open_page(await serve_page(html)) as app:
        await app.find(by.text("Asked"))
        assert app.unreached_addresses == ("https://fonts.example/a.woff2",)
        await app.keep_evidence(tmp_path, "alice")
    log = (tmp_path / "alice-console.log").read_text(encoding="utf-8")
    assert "fonts.example can't be reached from here: https://fonts.example/a.woff2" in log
    assert "secret" not in log


@pytest.mark.parametrize("asked", ["read", "tapped", "scrolled"])
async def test_an_app_that_hangs_is_told_and_not_waited_for_without_an_end(
    serve_page: Serve, open_page: Any, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    html = flutter(f"""
        show(1, "Hang", "{BOX}");
        globalThis.hang = () => setTimeout(() => {{
            const until = performance.now() + 4000;
            while (performance.now() < until) {{}}
        }});
    """)
    async with open_page(await serve_page(html)) as app:
        await app.page.evaluate("hang()")
        monkeypatch.setattr("flutter_bridge.web.playwright_page.ANSWER_S", 0.5)
        asks = {
            "read": app.semantics,
            "tapped": lambda: app.driver.tap((100.0, 70.0)),
            "scrolled": lambda: app.driver.scroll(Box(0, 0, 100, 100), 0.0, 50.0),
        }
        with pytest.raises(NoAnswer, match=r"has not answered for 0\.5 s: the app hangs"):
            await asks[asked]()


async def test_an_engine_that_crashed_before_it_hung_is_told(
    serve_page: Serve, open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module of WebAssembly that reads beyond its memory: eight bytes at 65,536 of a single page."""
    trap = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 126, 3, 2, 1, 0, 5, 3, 1, 0, 1]
    trap += [7, 5, 1, 1, 102, 0, 0, 10, 11, 1, 9, 0, 65, 128, 128, 4, 41, 3, 0, 11]
    html = flutter(f"""
        show(1, "Crash", "{BOX}");
        globalThis.crash = () => setTimeout(() => {{
            const module = new WebAssembly.Module(new Uint8Array({trap}));
            setTimeout(() => {{
                const until = performance.now() + 4000;
                while (performance.now() < until) {{}}
            }});
            new WebAssembly.Instance(module).exports.f();
        }});
    """)
    async with open_page(await serve_page(html)) as app:
        async with app.page.expect_event("pageerror"):
            await app.page.evaluate("crash()")
        monkeypatch.setattr("flutter_bridge.web.playwright_page.ANSWER_S", 0.5)
        with pytest.raises(NoAnswer, match=r"its engine crashed \(memory access out of bounds\)"):
            await app.semantics()


UNNAMED = """
    const host = document.body.appendChild(document.createElement("flt-semantics-host"));
    const box = (top) =>
        `position:absolute; pointer-events:all; left:50px; top:${top}px; width:200px; height:40px`;
    host.innerHTML = `
        <flt-semantics flt-tappable role="button" style="${box(50)}">Save</flt-semantics>
        <flt-semantics style="${box(150)}"><input aria-label="Name" style="width:200px"></flt-semantics>
        <flt-semantics style="${box(250)}">Nobody</flt-semantics>`;
    const [save, name, shown] = host.children;
    save.addEventListener("click", () => { shown.textContent = name.firstChild.value; });
"""


async def test_an_engine_that_gives_its_nodes_no_ids_is_operated_all_the_same(
    serve_page: Serve, open_page: Any
) -> None:
    html = f"<body style='margin:0'><flutter-view></flutter-view><script>{UNNAMED}</script></body>"
    async with open_page(await serve_page(html)) as app:
        await app.enter_text(by.label("Name"), "Ada")
        await app.tap(by.text("Save"))
        await app.find(by.text("Ada"))


async def test_being_where_the_link_leads_loads_nothing(serve_page: Serve, open_page: Any) -> None:
    async with open_page(await serve_page(flutter(ROUTED % BOX))) as app:
        first = await loaded(app)
        await app.open("/")
        assert await loaded(app) == first


async def test_a_deep_link_is_loaded(serve_page: Serve, open_page: Any) -> None:
    async with open_page(await serve_page(flutter(ROUTED % BOX))) as app:
        first = await loaded(app)
        await app.open("/people/42")
        assert app.page.url.endswith("/people/42")
        assert await loaded(app) != first


async def test_a_route_in_the_fragment(serve_page: Serve, open_page: Any) -> None:
    html = flutter(ROUTED % BOX + 'addEventListener("popstate", route);')
    address = await serve_page(html)
    async with open_page(f"{address}/#/") as app:
        await app.open("/people/42")
        assert app.page.url == f"{address}/#/people/42"


async def test_a_restart_loads_the_app_anew(serve_page: Serve, open_page: Any) -> None:
    async with open_page(await serve_page(flutter(ROUTED % BOX))) as app:
        first = await loaded(app)
        await app.restart()
        assert await loaded(app) != first


async def test_a_screenshot_is_in_physical_pixels(serve_page: Serve, open_page: Any) -> None:
    async with open_page(await serve_page(flutter(f'show(1, "On", "{BOX}")')), device_scale_factor=2) as app:
        assert (await app.screenshot()).size == (800, 600)
        assert (await app.semantics()).pixel_ratio == 2
        # What a browser without a screencast streams.
        assert (await anext(ScreenshotFrames(app.driver.page.shoot))).scale == 2


@pytest.mark.parametrize("attempt", range(4))
async def test_a_chooser_opened_at_the_first_tap_is_not_missed(
    serve_page: Serve, open_page: Any, tmp_path: Path, attempt: int
) -> None:
    """A page that hears of the tap before it hears that choosers are ours would show its own: a race."""
    file = tmp_path / "picture.txt"
    file.write_text("chosen")
    html = flutter(f"""
        show(1, "Choose", "{BOX}");
        node(1).addEventListener("click", () => {{
            const input = document.createElement("input");
            input.type = "file";
            input.addEventListener("change", () => show(2, input.files[0].name, "{BOX}"));
            input.click();
        }});
    """)
    async with open_page(await serve_page(html)) as app:
        await app.choose_file(by.text("Choose"), file)
        await app.find(by.text("picture.txt"))


# -- addresses


async def test_the_query_of_the_apps_address_is_on_every_page(serve_page: Serve, open_page: Any) -> None:
    url = await serve_page(flutter(f"show(1, `${{location.pathname}} ${{location.search}}`, '{BOX}')"))
    async with open_page(f"{url}?env=staging") as app:
        await app.find(by.text("/ ?env=staging"))
        await app.open("/people/7?tab=posts")
        await app.find(by.text("/people/7 ?env=staging&tab=posts"))
        with pytest.raises(BridgeError, match=r"can't open this link: http://elsewhere\.test is not within"):
            await app.open("http://elsewhere.test")


async def test_an_app_is_not_loaded_anew_where_it_is_there_already(serve_page: Serve, open_page: Any) -> None:
    """Whichever way the browser writes the address."""
    script = "addEventListener('click', () => { node(1).textContent = 'Used'; })"
    html = flutter(f"show(1, 'New', '{BOX}'); {script}")
    async with open_page(f"{await serve_page(html)}?name=Zo\u00eb B") as app:
        await app.tap(by.text("New"))
        await app.find(by.text("Used"))
        await app.open("/")
        assert by.text("Used").first_match_in(await app.semantics()) is not None


async def test_an_app_behind_a_password_is_opened_by_its_address(serve_page: Serve, open_page: Any) -> None:
    url = await serve_page(flutter(f"show(1, location.href, '{BOX}')"), login=("joe", "p@ss"))
    async with open_page(url.replace("://", "://joe:p%40ss@")) as app:
        await app.find(by.text(f"{url}/"))
    with pytest.raises((AppUnreachable, SemanticsMissing)) as refused:
        async with open_page(url.replace("://", "://joe:wrong-one@"), start_timeout=1.0):
            pass
    assert "wrong-one" not in str(refused.value)
