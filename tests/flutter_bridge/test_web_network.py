"""A page's network made worse on purpose: nothing comes through, or little, or another answer."""

from __future__ import annotations

from typing import Any

import pytest

from flutter_bridge import MockedAnswer, NetworkConditions, by, now
from flutter_bridge.web import WebApp, emulation_of
from tests.flutter_bridge.test_web_app import BOX, Serve, flutter

ASKING = flutter(f"""
    show(1, "Ask", "{BOX}");
    show(2, "nothing", "left:50px; top:150px; width:100px; height:40px;");
    let number = 0;
    node(1).onclick = async () => {{
        const said = `${{++number}}: `;
        try {{
            const answer = await fetch(`${{location.href}}?${{number}}`, {{cache: "no-store"}});
            node(2).textContent = said + answer.status + " " + (await answer.text()).slice(0, 5);
        }} catch {{
            node(2).textContent = said + "failed";
        }}
    }};
""")


async def ask(app: WebApp, wanted: str) -> None:
    """Have the page ask its server, and check what it says of that."""
    await app.tap(by.text("Ask"))
    await app.find(by.text(wanted))


async def test_nothing_comes_through_offline_and_all_does_again(serve_page: Serve, open_page: Any) -> None:
    async with open_page(await serve_page(ASKING)) as app:
        await ask(app, "1: 200 <body")
        async with app.driver.network(NetworkConditions(offline=True)):
            await ask(app, "2: failed")
        await ask(app, "3: 200 <body")


async def test_a_slow_network_holds_an_answer_back(serve_page: Serve, open_page: Any) -> None:
    address = await serve_page(ASKING)
    async with open_page(address) as app, app.driver.network(NetworkConditions(latency_ms=800)):
        begun = now()
        await ask(app, "1: 200 <body")
        assert now() - begun >= 0.8


async def test_requests_are_answered_in_the_servers_place(serve_page: Serve, open_page: Any) -> None:
    async with open_page(await serve_page(ASKING)) as app:
        async with app.driver.mock("**/*?*", MockedAnswer(status=503, body="later", media_type="text/plain")):
            await ask(app, "1: 503 later")
        async with app.driver.mock("**/*?*", MockedAnswer()):
            await ask(app, "2: failed")
        await ask(app, "3: 200 <body")


@pytest.mark.parametrize(
    ("conditions", "wanted"),
    [
        (NetworkConditions(), -1),
        # 400,000 bits are 50,000 bytes.
        (NetworkConditions(kbps=400), 50_000),
    ],
    ids=["unbounded", "slow"],
)
def test_kilobits_are_bytes_a_second_in_chromium(conditions: NetworkConditions, wanted: float) -> None:
    sent = emulation_of(conditions)
    assert (sent["downloadThroughput"], sent["uploadThroughput"]) == (wanted, wanted)
