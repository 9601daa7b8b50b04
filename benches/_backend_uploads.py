"""Uploads through the API against Pillow alone, making the same renditions on the same cores, in turn."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from app_backend.rendering import PictureLimits, renditions
from app_backend.rendering.pool import usable_cores
from benches._backend_http import Connection, connection
from benches._backend_pictures import Upload, mixed_uploads
from benches._backend_process import Backend, running_backend
from benches._results import print_table

GOAL = 0.8
ROUNDS = 8
ENOUGH_S = 75.0
"""On a busy machine there are fewer rounds."""

MIXES_A_ROUND = 2
LIMITS = PictureLimits(max_bytes=10 * 1024 * 1024, max_pixels=40_000_000, min_side=64)

_pictures: list[bytes] = []


def _prepare(pictures: list[bytes]) -> None:
    _pictures.extend(pictures)


def _render(number: int) -> int:
    """Make one picture's renditions, as a plain loop would, in whichever process is free."""
    return len(renditions(_pictures[number], LIMITS))


async def uploads() -> dict[str, object]:
    """Measure in rounds, Pillow and the API in turn; return figures by key."""
    pictures = mixed_uploads()
    cores = usable_cores()
    context = multiprocessing.get_context("spawn")
    many = {"APP_BACKEND_UPLOADS_PER_PERSON": "1000000 per minute"}
    async with running_backend(many) as backend:
        with ProcessPoolExecutor(
            cores, context, initializer=_prepare, initargs=([each.data for each in pictures],)
        ) as pool:
            tokens = await _people(backend, cores * 3)
            await _same(backend, tokens[0], pictures[0])
            # Both have their processes up, and their caches warm, before they are timed.
            await _through_api(backend, tokens, pictures)
            _by_pillow(pool, len(pictures))
            rounds: list[tuple[float, float, float]] = []
            began = time.perf_counter()
            while len(rounds) < ROUNDS and (not rounds or time.perf_counter() - began < ENOUGH_S):
                plain = _by_pillow(pool, len(pictures))
                before = backend.processor_s()
                through = await _through_api(backend, tokens, pictures)
                rounds.append((plain, through, backend.processor_s() - before))
    return _report(rounds, pictures, cores)


def _by_pillow(pool: ProcessPoolExecutor, pictures: int) -> float:
    """Return pictures per second."""
    began, count = time.perf_counter(), pictures * MIXES_A_ROUND
    made = list(pool.map(_render, (number % pictures for number in range(count))))
    assert made == [4] * count
    return count / (time.perf_counter() - began)


async def _through_api(backend: Backend, tokens: list[dict[str, str]], pictures: list[Upload]) -> float:
    """Return uploads per second, with so many people uploading at once that no worker ever waits."""
    waiting: Iterator[Upload] = iter(pictures * MIXES_A_ROUND)

    async def upload(token: dict[str, str]) -> None:
        async with connection(backend.port) as opened:
            for picture in waiting:
                await _put(opened, token, picture)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for token in tokens:
            tasks.create_task(upload(token))
    return len(pictures) * MIXES_A_ROUND / (time.perf_counter() - began)


async def _put(opened: Connection, token: dict[str, str], picture: Upload) -> dict[str, object]:
    headers = {**token, "Content-Type": picture.media_type}
    answer = await opened.request("PUT", "/me/avatar", headers=headers, body=picture.data)
    if answer.status != 200:
        raise SystemExit(f"an upload was answered with {answer.status}: {answer.body[:300]!r}")
    profile: dict[str, object] = json.loads(answer.body)["profile"]
    return profile


async def _people(backend: Backend, count: int) -> list[dict[str, str]]:
    async with backend.client() as http:
        return [await backend.member(http, f"uploader{number}") for number in range(count)]


async def _same(backend: Backend, token: dict[str, str], picture: Upload) -> None:
    """Make sure that both sides do the same work: what the API serves is what Pillow makes here."""
    async with connection(backend.port) as opened, backend.client() as http:
        profile = await _put(opened, token, picture)
        urls = profile["avatar"]["urls"]  # type: ignore[index]  # as the API has it
        for size, made in renditions(picture.data, LIMITS).items():
            assert (await http.get(urls[str(size)])).content == made


def _report(
    rounds: list[tuple[float, float, float]], pictures: list[Upload], cores: int
) -> dict[str, object]:
    ratios = [through / plain for plain, through, _ in rounds]
    ratio = statistics.median(ratios)
    plain = statistics.median(each for each, _, _ in rounds)
    through = statistics.median(each for _, each, _ in rounds)
    rows = [
        ["Pillow alone, pictures/s", *(f"{each:.1f}" for each in _spread([plain for plain, _, _ in rounds]))],
        ["through the API, uploads/s", *(f"{each:.1f}" for each in _spread([each for _, each, _ in rounds]))],
        ["ratio, round by round", *(f"{each:.2f}" for each in _spread(ratios))],
    ]
    counted = Counter(each.kind for each in pictures)
    mix = ", ".join(f"{count} x {kind}" for kind, count in counted.items())
    print_table([f"{mix}; {cores} cores, {len(rounds)} rounds in turn", "min", "median", "max"], rows)
    print(f"uploads_ratio_to_pillow {ratio:.2f} (goal: at least {GOAL})")
    return {
        "uploads_ratio_to_pillow": round(ratio, 3),
        "uploads_ratios": [round(each, 3) for each in ratios],
        "uploads_per_s": round(through, 2),
        "uploads_pillow_per_s": round(plain, 2),
        "uploads_goal": GOAL,
        "uploads_bytes": {
            kind: round(statistics.mean(len(each.data) for each in pictures if each.kind == kind))
            for kind in counted
        },
    }


def _spread(figures: list[float]) -> tuple[float, float, float]:
    return min(figures), statistics.median(figures), max(figures)
