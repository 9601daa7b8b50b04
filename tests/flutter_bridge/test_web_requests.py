"""What a page asks servers for is told to who listens, with the answer and how long it took."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from flutter_bridge import AppRequest, Interval, by, now
from tests.flutter_bridge.test_web_app import BOX, flutter
from tests.site_server import Answer, Request, Site

Serve = Callable[[Site], Awaitable[str]]


class Listener:
    """Who hears of requests, and of nothing else."""

    def __init__(self) -> None:
        self.heard: list[AppRequest] = []

    async def before_action(self, action: str) -> None:
        pass

    def action_received(self, action: str, received: Interval) -> None:
        pass

    def request_answered(self, request: AppRequest) -> None:
        self.heard.append(request)


async def test_requests_are_told_with_their_answers_and_without_secrets(
    serve_site: Serve, open_page: Any
) -> None:
    elsewhere = await serve_site(lambda _: Answer("", headers={"Access-Control-Allow-Origin": "*"}))
    asked = ["/pictures/7?token=secret", "/missing", f"{elsewhere}/posts", "http://127.0.0.1:9/nobody"]
    html = flutter(f"""
        show(1, "Ask", "{BOX}");
        node(1).addEventListener("click", async () => {{
            for (const address of {asked}) await fetch(address, {{ method: "POST" }}).catch(() => null);
            show(2, "Asked", "{BOX}");
        }});
    """)

    def site(request: Request) -> Answer:
        return Answer(html, status=404 if request.path == "/missing" else 200)

    async with open_page(await serve_site(site)) as app:
        app.listener = listener = Listener()
        before = now()
        await app.tap(by.text("Ask"))
        await app.find(by.text("Asked"))
        after = now()
    assert [(each.method, each.address, each.status) for each in listener.heard] == [
        ("POST", "/pictures/7", 200),
        ("POST", "/missing", 404),
        ("POST", f"{elsewhere.removeprefix('http://')}/posts", 200),
        ("POST", "127.0.0.1:9/nobody", None),
    ]
    for each in listener.heard:
        assert before <= each.taken.low <= each.taken.high <= after
