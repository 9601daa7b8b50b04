"""Where an app is served: below a path, with a query or routes behind #, behind redirects, by a worker."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from flutter_bridge import AppUnreachable, SemanticsMissing, by
from flutter_bridge.web import WebApp
from tests.flutter_bridge.test_web_app import BOX, flutter
from tests.site_server import Answer, Request, Site, redirect

Serve = Callable[[Site], Awaitable[str]]

LOADED = "left:50px; top:150px; width:300px; height:40px"
BY_PATH = f"""
    const base = new URL(document.baseURI).pathname;
    const route = () => {{
        host.innerHTML = "";
        const place = location.pathname.slice(base.length - 1) + location.search;
        show(1, `At ${{place}}`, "{BOX}");
        show(2, `Loaded at ${{performance.timeOrigin}}`, "{LOADED}");
    }};
    addEventListener("popstate", route);
    globalThis.go = (place) => {{ history.pushState(null, "", base + place); route(); }};
    route();
"""
"""An app with the path strategy: what is behind the base is the route."""

BY_FRAGMENT = f"""
    const page = location.pathname + location.search;
    if (!location.hash) history.replaceState(null, "", page + "#/");
    const route = () => {{
        host.innerHTML = "";
        show(1, `At ${{location.hash.slice(1)}} of ${{location.pathname}}${{location.search}}`, "{BOX}");
        show(2, `Loaded at ${{performance.timeOrigin}}`, "{LOADED}");
    }};
    addEventListener("popstate", route);
    globalThis.go = (place) => {{ history.pushState(null, "", page + "#/" + place); route(); }};
    route();
"""
"""An app with Flutter's own strategy: the path stays, the route is in the fragment."""


def app_at(base: str, script: str = BY_PATH) -> Site:
    """A server of single-page apps: the app's page at every path below a base, and nothing elsewhere."""

    def site(request: Request) -> Answer:
        if not request.path.startswith(base):
            return Answer("<h1>Not Found</h1>", 404)
        return Answer(f'<base href="{base}">{flutter(script)}')

    return site


async def load_time(app: WebApp) -> str:
    return (await app.find(by.label(re.compile("^Loaded at")))).label


async def test_an_app_below_a_path(serve_site: Serve, open_page: Any) -> None:
    address = await serve_site(app_at("/app/"))
    async with open_page(f"{address}/app/") as app:
        await app.find(by.text("At /"))
        await app.open("/people/42")
        assert app.page.url == f"{address}/app/people/42"
        await app.find(by.text("At /people/42"))
        before = await load_time(app)
        await app.restart()
        await app.find(by.text("At /people/42"))
        assert await load_time(app) != before
        await app.page.evaluate("go('posts')")
        await app.find(by.text("At /posts"))
        await app.back()
        await app.find(by.text("At /people/42"))
        await app.back()
        await app.find(by.text("At /"))


@pytest.mark.parametrize("written", ["/app", "/app/", "/app/index.html"])
async def test_a_deep_link_is_the_first_thing_an_app_below_a_path_shows(
    serve_site: Serve, open_page: Any, written: str
) -> None:
    address = await serve_site(app_at("/app/"))
    async with open_page(f"{address}{written}", link="/people/42") as app:
        await app.find(by.text("At /people/42"))


async def test_an_app_with_a_query_keeps_it(serve_site: Serve, open_page: Any) -> None:
    address = await serve_site(app_at("/"))
    async with open_page(f"{address}/?env=staging") as app:
        await app.find(by.text("At /?env=staging"))
        await app.open("/people/42?tab=posts")
        await app.find(by.text("At /people/42?env=staging&tab=posts"))
        await app.restart()
        await app.find(by.text("At /people/42?env=staging&tab=posts"))
        await app.back()
        await app.find(by.text("At /?env=staging"))


@pytest.mark.parametrize("written", ["/shop/", "/shop/#/", "/shop/?env=staging"])
async def test_an_app_with_its_routes_behind_the_mark(
    serve_site: Serve, open_page: Any, written: str
) -> None:
    """Whether its address says so or not: it shows by itself that its routes are there."""
    address = await serve_site(app_at("/shop/", BY_FRAGMENT))
    page = f"/shop/{'?env=staging' if '?' in written else ''}"
    async with open_page(f"{address}{written}") as app:
        await app.find(by.text(f"At / of {page}"))
        before = await load_time(app)
        await app.open("/people/42")
        await app.find(by.text(f"At /people/42 of {page}"))
        assert await load_time(app) == before
        await app.back()
        await app.find(by.text(f"At / of {page}"))
        await app.open("/people/42")
        await app.restart()
        await app.find(by.text(f"At /people/42 of {page}"))
        assert await load_time(app) != before


async def test_a_first_deep_link_goes_behind_the_mark_where_the_app_turns_out_to_look_there(
    serve_site: Serve, open_page: Any
) -> None:
    address = await serve_site(app_at("/", BY_FRAGMENT))
    async with open_page(address, link="/people/42") as app:
        await app.find(by.text("At /people/42 of /"))


async def test_a_link_to_a_place_that_the_server_does_not_know_says_what_may_be_wrong(
    serve_site: Serve, open_page: Any
) -> None:
    def only_its_page(request: Request) -> Answer:
        return Answer(flutter(BY_FRAGMENT)) if request.path == "/" else Answer("<title>Oh</title>Gone", 404)

    address = await serve_site(only_its_page)
    problem = r'/people/42: .*no Flutter app.*ordinary HTML.*\("Oh", HTTP 404\).*has it to end in /#/\?'
    with pytest.raises(SemanticsMissing, match=problem):
        async with open_page(address, link="/people/42", start_timeout=1.5):
            pass


async def test_an_app_behind_redirects(serve_site: Serve, open_page: Any) -> None:
    """The server's own, and one by the page."""
    app_itself = app_at("/app/")

    def site(request: Request) -> Answer:
        if request.path.startswith("/app/"):
            return app_itself(request)
        if request.path == "/":
            return redirect("/start")
        return Answer("<script>location.replace('/app/')</script>")

    address = await serve_site(site)
    async with open_page(f"{address}/") as app:
        await app.find(by.text("At /"))
        assert app.page.url == f"{address}/app/"
        await app.page.evaluate("go('people/42')")
        before = await load_time(app)
        await app.restart()
        await app.find(by.text("At /people/42"))
        assert await load_time(app) != before
        await app.back()
        await app.find(by.text("At /"))


async def test_a_redirect_to_a_host_that_may_not_be_reached_names_it(
    serve_site: Serve, open_page: Any
) -> None:
    address = await serve_site(lambda _: redirect("https://login.example/realms/app?state=secret"))
    problem = rf"^{address}/ leads to https://login\.example/realms/app, which can't.*allow_hosts"
    with pytest.raises(AppUnreachable, match=problem) as refused:
        async with open_page(address):
            pass
    assert "secret" not in str(refused.value)


async def test_a_page_that_leads_to_a_host_that_may_not_be_reached_names_it(
    serve_site: Serve, open_page: Any
) -> None:
    leave = f"show(1, 'Leave', '{BOX}'); node(1).addEventListener('click', () => location.assign('{{}}'))"
    address = await serve_site(app_at("/", leave.format("https://login.example/sign-in")))
    async with open_page(address) as app:
        await app.tap(by.text("Leave"))
        with pytest.raises(AppUnreachable, match=r"leads to https://login\.example/sign-in, which can't be"):
            await app.find(by.text("Sign in"))


WORKER = """
    self.addEventListener("install", () => self.skipWaiting());
    self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
    self.addEventListener("fetch", (event) => {
        if (event.request.mode === "navigate")
            event.respondWith(caches.open("app").then(async (cache) => {
                const kept = await cache.match("/page");
                if (kept) return kept.clone();
                const answer = await fetch(event.request);
                await cache.put("/page", answer.clone());
                return answer;
            }));
    });
"""
REGISTERING = """
    navigator.serviceWorker.register("/worker.js").then(() => navigator.serviceWorker.ready)
        .then(() => show(3, "Kept", "left:50px; top:250px; width:100px; height:40px"));
"""


async def test_an_app_that_a_service_worker_serves(serve_site: Serve, open_page: Any) -> None:
    """From then on the server isn't asked for pages any more."""
    asked: list[str] = []

    def site(request: Request) -> Answer:
        if request.path == "/worker.js":
            return Answer(WORKER, headers={"Content-Type": "text/javascript"})
        if request.path != "/favicon.ico":
            asked.append(request.path)
        return Answer(f'<base href="/">{flutter(BY_PATH + REGISTERING)}')

    async with open_page(await serve_site(site)) as app:
        await app.find(by.text("Kept"))
        await app.restart()
        await app.find(by.text("At /"))
        before = len(asked)
        await app.open("/people/42")
        await app.find(by.text("At /people/42"))
        await app.restart()
        await app.find(by.text("At /people/42"))
        await app.back()
        await app.find(by.text("At /"))
        assert len(asked) == before


GIVING_WAY = """
    self.addEventListener("install", () => self.skipWaiting());
    self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim().then(async () => {
        for (const client of await self.clients.matchAll({ type: "window" })) client.navigate(client.url);
        self.registration.unregister();
    })));
"""
ASKING_FOR_IT = """
    sessionStorage.times = Number(sessionStorage.times ?? 0) + 1;
    if (sessionStorage.times === "1") navigator.serviceWorker.register("/worker.js");
    show(3, `Loaded ${sessionStorage.times} times`, "left:50px; top:250px; width:100px; height:40px");
"""


async def test_a_service_worker_that_gives_way_and_loads_its_pages_anew(
    serve_site: Serve, open_page: Any
) -> None:
    """As Flutter's own does since it isn't wanted any more: in the middle of what is being done."""

    def site(request: Request) -> Answer:
        if request.path == "/worker.js":
            return Answer(GIVING_WAY, headers={"Content-Type": "text/javascript"})
        return Answer(f'<base href="/">{flutter(BY_PATH + ASKING_FOR_IT)}')

    async with open_page(await serve_site(site)) as app:
        await app.find(by.text("Loaded 2 times"), timeout=5)
        await app.restart()
        await app.find(by.text("Loaded 3 times"))
