"""What measuring costs: the avatar journey against a plain Playwright script doing the same, in turn.

`bench-results/overhead.json`: `ratio_median` (journey / plain script, the median over pairs run one after the
other), `ratio_unmeasured_median` (the journey's actions through the bridge without measuring / plain script),
`samples` (a list of {`journey_s`, `unmeasured_s`, `plain_s`, `ratio`}), `broken` (why pairs were done again),
`goal` (1.10).
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Error, async_playwright

from benches._plain_script import change_picture
from benches._results import print_table, write_results
from flutter_bridge import BridgeError, now
from flutter_bridge.web import launch_options
from journeys.cast import CastOptions
from journeys.configuration import read_configuration
from journeys.pictures import PictureBook
from journeys.profile import ProfileCast
from journeys.profile.http_backend import HttpBackend
from journeys.profile.pictures import new_avatar_reaches_every_surface
from journeys.run.servers import Servers
from journeys.stage import WebStage
from journeys.timeline import Timeline

GOAL = 1.10
MOST_BROKEN = 3
ROOT = Path(__file__).resolve().parent.parent


async def unmeasured(cast: ProfileCast, pictures: PictureBook) -> None:
    """Do what the avatar journey does, without watching the change."""
    alice = await cast.member("alice", picture=pictures.fresh(), posts=["Look at me"])
    at_home = await cast.another_device_of(alice)
    bob = await cast.member("bob")
    picture = pictures.fresh()
    await at_home.feed.post_by(alice).show()
    await bob.feed.post_by(alice).show()
    await alice.profile_screen.upload(picture)


async def bench(pairs: int) -> None:
    """Run the scripts in turn, in one process and one browser, and write what came of it."""
    configuration = read_configuration(ROOT)
    with Servers(configuration) as servers, tempfile.TemporaryDirectory() as folder:
        async with (
            async_playwright() as playwright,
            HttpBackend(servers.addresses[configuration.backend]) as backend,
        ):
            options = launch_options(bundled=playwright.chromium.executable_path)
            browser = await playwright.chromium.launch(**options)  # type: ignore[arg-type]  # by name
            app_url = servers.addresses[configuration.app]
            evidence = Path(folder)

            def played(
                script: Callable[[ProfileCast, PictureBook], Awaitable[None]],
            ) -> Callable[[], Awaitable[None]]:
                async def play() -> None:
                    await _play(script, browser, app_url, backend, evidence)

                return play

            async def plain() -> None:
                await change_picture(browser, app_url, backend, PictureBook())

            journey, actions = played(new_avatar_reaches_every_surface), played(unmeasured)
            for warming in (plain, journey):
                await warming()
            samples, broken = list[dict[str, float]](), list[str]()
            while len(samples) < pairs:
                try:
                    plain_s, journey_s, unmeasured_s = (
                        await _timed(plain),
                        await _timed(journey),
                        await _timed(actions),
                    )
                except (Error, BridgeError, AssertionError) as error:
                    broken.append(str(error).splitlines()[0])
                    print(f"  broke off, and is done again: {broken[-1]}")
                    if len(broken) > MOST_BROKEN:
                        raise
                    continue
                samples.append(
                    {
                        "plain_s": plain_s,
                        "journey_s": journey_s,
                        "unmeasured_s": unmeasured_s,
                        "ratio": journey_s / plain_s,
                    }
                )
                print(
                    f"  {plain_s:6.2f} s plain  {journey_s:6.2f} s journey  {unmeasured_s:6.2f} s unmeasured"
                )
            await browser.close()
    _report(samples, broken)


async def _play(
    script: Callable[[ProfileCast, PictureBook], Awaitable[None]],
    browser: Browser,
    app_url: str,
    backend: HttpBackend,
    evidence: Path,
) -> None:
    async def new_context(**options: object) -> BrowserContext:
        return await browser.new_context(viewport={"width": 412, "height": 915}, **options)  # type: ignore[arg-type]  # by name

    stage = WebStage(new_context=new_context, url=app_url, evidence=evidence)
    options = CastOptions(stage_for=lambda _: stage, timeline=Timeline(), evidence=evidence)
    async with ProfileCast(options, backend=backend) as cast:
        await script(cast, PictureBook())


async def _timed(script: Callable[[], Awaitable[None]]) -> float:
    started = now()
    await script()
    return now() - started


def _report(samples: list[dict[str, float]], broken: list[str]) -> None:
    ratio = statistics.median(sample["ratio"] for sample in samples)
    bridge = statistics.median(sample["unmeasured_s"] / sample["plain_s"] for sample in samples)
    rows = [
        [label, *(f"{figure:.2f}" for figure in _spread([sample[key] for sample in samples]))]
        for label, key in (
            ("plain Playwright script, s", "plain_s"),
            ("journey, measured, s", "journey_s"),
            ("journey's actions alone, s", "unmeasured_s"),
            ("journey / plain script", "ratio"),
        )
    ]
    print_table(["", "min", "median", "max"], rows)
    print(f"median ratio {ratio:.3f} (goal: at most {GOAL:.2f}); actions alone {bridge:.3f}")
    write_results(
        "overhead",
        {
            "ratio_median": ratio,
            "ratio_unmeasured_median": bridge,
            "goal": GOAL,
            "samples": samples,
            "broken": broken,
        },
    )


def _spread(figures: list[float]) -> tuple[float, float, float]:
    return min(figures), statistics.median(figures), max(figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pairs", type=int, default=10, help="how often each is run (default: 10)")
    asyncio.run(bench(parser.parse_args().pairs))
