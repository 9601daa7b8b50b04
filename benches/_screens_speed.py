"""How long comparing takes: ours and others', from PNG files on disk, on the same pairs in turn.

Each is given one pair after the other, in one process that is up already: ours and pixelmatch (PyPI) in this
one, odiff as its own long-lived server (`--server`), asked without Node in between. reg-cli takes folders
only: it gets all pairs at once, with one worker. All write a picture of what differs, where something does.
Pairs are in turn given to each, so that what else the machine does falls on all alike; beside the time that
passed is the processor's.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import shutil
import struct
import subprocess
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import psutil  # type: ignore[import-untyped]  # it ships no types
from PIL import Image
from pixelmatch.contrib.PIL import pixelmatch
from playwright.async_api import async_playwright

from flutter_bridge.web import launch_options
from journeys.snapshots.comparison import compare

PACKAGES: Final = ("odiff-bin@4.5.0", "reg-cli@0.18.16")
INSTALLED: Final = Path(__file__).resolve().parent.parent / ".journeys" / "screens-rivals"

SIZES: Final = {"1280x720": ((1280, 720), 1.0), "1080x2400": ((360, 800), 3.0)}
"""Viewports in logical pixels, and the pixel ratio."""
KINDS: Final = ("differing", "packed otherwise", "other texts", "equal bytes")
"""Pairs that differ; and equal ones: the same pixels packed by another encoder, with another text beside them
(as a baseline says which browser drew it), and the very same file.
"""
SAMPLED: Final = 3
"""Pairs that pixelmatch (PyPI) is given of each kind: it takes seconds for one."""

_SENTENCE: Final = (
    "the engine weaves algebraic patterns just as the loom weaves flowers and leaves while seven people "
    "watch how numbers turn into words and words into pictures that nobody has seen before"
)
_STYLE: Final = """
body { margin: 0; font: 14px Roboto, 'DejaVu Sans', sans-serif; background: #fafafa }
h1 { background: #6750a4; color: #fff; margin: 0; padding: 12px; font-size: 20px }
.c { display: flex; gap: 12px; padding: 10px; margin: 8px; background: #fff; border-radius: 12px;
     box-shadow: 0 1px 3px #0003 }
i { width: 48px; height: 48px; border-radius: 50%; flex: none }
p { margin: 4px 0 }
"""

Pair = tuple[Path, Path]


@dataclass
class Clock:
    """What one comparer needed of one kind: seconds that passed, and seconds of a processor."""

    wall: list[float] = field(default_factory=list)
    cpu: float = 0.0
    differing: int = 0
    """Pairs it found to differ."""

    def per_pair_ms(self) -> float:
        """Return the mean."""
        return 1000 * sum(self.wall) / max(1, len(self.wall))


def install() -> Path:
    """Install what is compared with, in a folder of its own; where its modules are.

    Not with the project's npm packages: nobody but this benchmark needs them, and they bring many others.
    """
    stamp = INSTALLED / "installed"
    if not stamp.exists() or stamp.read_text() != " ".join(PACKAGES):
        INSTALLED.mkdir(parents=True, exist_ok=True)
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit("error: npm is needed to measure beside odiff and reg-cli: install Node")
        subprocess.run(  # noqa: S603 - npm, and packages we name
            [
                npm,
                "install",
                "--prefix",
                str(INSTALLED),
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                *PACKAGES,
            ],
            check=True,
        )
        stamp.write_text(" ".join(PACKAGES))
    return INSTALLED / "node_modules"


async def draw_pairs(folder: Path, count: int) -> dict[tuple[str, str], list[Pair]]:
    """Draw pages in a browser: as many pairs of each size and kind, (baseline, actual)."""
    pairs: dict[tuple[str, str], list[Pair]] = {(size, kind): [] for size in SIZES for kind in KINDS}
    async with async_playwright() as playwright:
        options = launch_options(bundled=playwright.chromium.executable_path)
        browser = await playwright.chromium.launch(**options)  # type: ignore[arg-type]  # by name
        try:
            for size, ((width, height), ratio) in SIZES.items():
                context = await browser.new_context(
                    viewport={"width": width, "height": height}, device_scale_factor=ratio
                )
                page = await context.new_page()
                for number in range(count):
                    drawn = [folder / f"{size}-{number}-{side}.png" for side in ("baseline", "changed")]
                    for path, changed in zip(drawn, (False, True), strict=True):
                        await page.set_content(_page(number, changed=changed))
                        await page.screenshot(path=path)
                    again, said, copy = (folder / f"{size}-{number}-{each}.png" for each in "ast")
                    with Image.open(drawn[0]) as image:
                        image.save(again, compress_level=1)
                    said.write_bytes(_with_text(drawn[0].read_bytes()))
                    shutil.copy(drawn[0], copy)
                    for kind, actual in zip(KINDS, (drawn[1], again, said, copy), strict=True):
                        pairs[size, kind].append((drawn[0], actual))
                await context.close()
        finally:
            await browser.close()
    return pairs


def _with_text(png: bytes) -> bytes:
    """Put a text into a PNG, after its header."""
    content = b"Software\0Chromium 140.0.7339.80"
    chunk = struct.pack(">I", len(content)) + b"tEXt" + content
    return png[:33] + chunk + struct.pack(">I", zlib.crc32(b"tEXt" + content)) + png[33:]


def _page(number: int, *, changed: bool) -> str:
    """Return a feed of cards; changed in one of eight ways that a change of code may have."""
    lots = random.Random(number)  # noqa: S311 - the same pages in every run
    cards = []
    for card in range(24):
        hue, words = lots.randrange(360), " ".join(lots.choices(_SENTENCE.split(), k=lots.randrange(4, 24)))
        ground = f"background:linear-gradient({hue}deg,hsl({hue} 60% 50%),#fff)"
        text = f"<div><b>{words[:20]}</b><p>{words}</p></div>"
        cards.append(f'<div class=c id=i{card}><i style="{ground}"></i>{text}</div>')
    at = lots.randrange(4)
    ways = [
        f"#i{at} p{{font-weight:600}}",
        f"#i{at}{{margin-top:9px}}",
        f"#i{at} b{{color:#c00}}",
        f"#i{at} i{{visibility:hidden}}",
        f"#i{at}{{background:#f4efff}}",
        f"#i{at} p{{overflow:hidden;white-space:nowrap;text-overflow:ellipsis;max-width:200px}}",
        f"#i{at} i{{transform:translateX(1px)}}",
        "h1{background:#6a53a9}",
    ]
    style = ways[number % len(ways)] if changed else ""
    return f"<style>{_STYLE}{style}</style><h1>Feed {number}</h1>{''.join(cards)}"


class Odiff:
    """odiff's own server: one process for all pairs."""

    def __init__(self, modules: Path) -> None:
        found = list((modules / "@odiff").glob("*/odiff*"))
        binary = next(path for path in found if os.access(path, os.X_OK) and path.is_file())
        self._process = subprocess.Popen(  # noqa: S603 - the binary of the package we installed
            [binary, "--server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._watched = psutil.Process(self._process.pid)
        self._number = 0
        self._answer()

    def compare(self, baseline: Path, actual: Path, output: Path) -> bool:
        """Return whether a pair differs, anti-aliased pixels left out."""
        assert self._process.stdin is not None
        request = {
            "requestId": self._number,
            "base": str(baseline),
            "compare": str(actual),
            "output": str(output),
            "options": {"antialiasing": True},
        }
        self._number += 1
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        if "error" in answer:
            raise RuntimeError(f"odiff: {answer['error']}")
        return not answer["match"]

    def cpu(self) -> float:
        """Return the processor's seconds until now."""
        times = self._watched.cpu_times()
        return float(times.user + times.system)

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def _answer(self) -> dict[str, object]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("odiff ended by itself")
        answer: dict[str, object] = json.loads(line)
        return answer


def judge_ours(baseline: Path, actual: Path, output: Path, ratio: float) -> bool:
    """Return whether a pair differs, and draw where."""
    found = compare(actual, baseline, pixel_ratio=ratio)
    if found.picture is not None:
        found.picture.save(output, compress_level=1)
    return found.picture is not None


def _pixelmatch(baseline: Path, actual: Path, output: Path) -> bool:
    with Image.open(baseline) as one, Image.open(actual) as other:
        drawn = Image.new("RGBA", one.size)
        found = bool(pixelmatch(one, other, drawn))
    if found:
        drawn.save(output, compress_level=1)
    return found


@contextmanager
def _timed(clock: Clock, cpu: Callable[[], float]) -> Iterator[None]:
    began, used = time.perf_counter(), cpu()
    yield
    clock.wall.append(time.perf_counter() - began)
    clock.cpu += cpu() - used


def _reg_cli(modules: Path, pairs: Sequence[Pair], folder: Path) -> Clock:
    """Give all pairs to reg-cli, with one worker; it starts a Node and writes its report besides."""
    shutil.rmtree(folder, ignore_errors=True)
    for side in ("actual", "expected"):
        (folder / side).mkdir(parents=True)
    for number, (baseline, actual) in enumerate(pairs):
        (folder / "expected" / f"{number}.png").hardlink_to(baseline)
        (folder / "actual" / f"{number}.png").hardlink_to(actual)
    node = shutil.which("node")
    assert node is not None
    command = [node, str(modules / "reg-cli" / "dist" / "cli.js"), "actual", "expected", "diff"]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(  # noqa: S603 - the package we installed
        [*command, "--json", "reg.json", "--ignoreChange", "--concurrency", "1", "--enableAntialias"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    clock = Clock(wall=[(time.perf_counter() - began) / len(pairs)] * len(pairs))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    clock.cpu = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    clock.differing = len(json.loads((folder / "reg.json").read_text())["failedItems"])
    return clock


def measure(folder: Path, count: int) -> dict[tuple[str, str], dict[str, Clock]]:
    """Draw pairs and have all compare them: by size and kind, by comparer."""
    modules = install()
    pairs = asyncio.run(draw_pairs(folder, count))
    odiff = Odiff(modules)
    output = folder / "difference.png"
    clocks: dict[tuple[str, str], dict[str, Clock]] = {}
    try:
        # Whoever is first would pay for loading libraries.
        warm = pairs["1280x720", "differing"][0]
        judge_ours(*warm, output, 1.0)
        odiff.compare(*warm, output)
        for (size, kind), of_kind in pairs.items():
            ratio = SIZES[size][1]
            mine = clocks[size, kind] = {name: Clock() for name in ("ours", "odiff-bin", "pixelmatch")}
            for number, (baseline, actual) in enumerate(of_kind):
                turns: list[tuple[str, Callable[[], float], Callable[[], bool]]] = [
                    ("ours", time.process_time, partial(judge_ours, baseline, actual, output, ratio)),
                    ("odiff-bin", odiff.cpu, partial(odiff.compare, baseline, actual, output)),
                ]
                if number % 2:
                    turns.reverse()
                if number < SAMPLED:
                    turns.append(
                        ("pixelmatch", time.process_time, partial(_pixelmatch, baseline, actual, output))
                    )
                for name, cpu, judge in turns:
                    with _timed(mine[name], cpu):
                        differs = judge()
                    mine[name].differing += differs
            mine["reg-cli"] = _reg_cli(modules, of_kind, folder / "reg-cli")
    finally:
        odiff.close()
    return clocks
