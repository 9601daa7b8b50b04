"""A change that is set off in a window of its own, as by a sign-in, and seen in the app's page behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext

from flutter_bridge import by
from journeys import Cast, CastOptions, Timeline, Verdict, appears, disappears, tap
from journeys.stage import WebStage
from journeys.timeline import Acted, VerdictReached
from tests.flutter_bridge.popup_site import app, fill_in, provider
from tests.site_server import site_server


@pytest.fixture
async def addresses() -> AsyncIterator[tuple[str, str]]:
    """Serve an app and its identity provider."""
    async with site_server() as serve:
        identity = await serve(provider)
        yield await serve(app(identity)), identity


async def test_what_a_sign_in_in_a_window_brings_about_is_measured_in_the_app(
    new_context: Callable[..., Awaitable[BrowserContext]], addresses: tuple[str, str], tmp_path: Path
) -> None:
    url, identity = addresses
    timeline = Timeline()
    stage = WebStage(new_context=new_context, url=url, evidence=tmp_path)
    async with Cast(CastOptions(stage_for=lambda _: stage, timeline=timeline, evidence=tmp_path)) as cast:
        alice = await cast.actor("alice")
        async with cast.propagation(within=10.0, since=tap) as change:
            change.expect(appears(), on=alice.surface("greeting", by.label("Hello Ada")))
            change.expect(disappears(), on=alice.surface("prompt", by.label("Nobody is signed in")))
            await alice.app.tap(by.label("Sign in"))
            await fill_in(alice.app)
    verdicts = timeline.events_of(VerdictReached)
    assert [each.verdict for each in verdicts] == [Verdict.PASSED, Verdict.PASSED]
    *_, last = timeline.events_of(Acted)
    assert last.action == f'taps by.text("Continue") in the window at {identity}/'
    # Both came once the last thing was done in the window, and not when that opened over them.
    for verdict in verdicts:
        assert verdict.tap_to_visible_s is not None
        assert 0.0 <= verdict.tap_to_visible_s.high < 5.0
