"""What one person's uploads cost another: pictures made to take long, and bodies that never end."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships no types
from PIL import Image

from benches._backend_costly import bomb, jpeg_of_scans
from benches._backend_http import connection, milliseconds
from benches._backend_process import Backend, running_backend
from benches._results import print_table

SETTINGS = {"APP_BACKEND_UPLOADS_PER_PERSON": "1000000 per minute"}
GOAL_RATIO = 2.0
AT_ONCE = 8
"""How many uploads the attacker has under way."""

UPLOADS = 8
"""Of the other person, in each part of each round."""

ROUNDS = 4
ENOUGH_S = 60.0
"""On a busy machine there are fewer rounds."""

UNFINISHED = 150
BODY_BYTES = 10 * 1024 * 1024
PIECE = bytes(64 * 1024)
MEMORY_GOAL_RATIO = 1.3
WATCH_S = 45.0


@dataclass
class Watched:
    """How long the other person's uploads took, in seconds, and how they were answered."""

    took: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)


def attacks() -> dict[str, list[bytes]]:
    """Return what the attacker sends, by kind."""
    return {
        "4,000 scans": [jpeg_of_scans(4000)],
        "190 scans of 10 megapixels": [jpeg_of_scans(180, (3200, 3200))],
        "a few scans of 49 megapixels": [jpeg_of_scans(2, (7000, 7000))],
        "bombs of 48 megapixels": [bomb("WEBP"), bomb("PNG")],
        "many small ones": [_encoded(Image.linear_gradient("L"))],
    }


def _encoded(image: Image.Image) -> bytes:
    output = BytesIO()
    image.convert("RGB").save(output, "JPEG")
    return output.getvalue()


async def attack() -> dict[str, object]:
    """Measure Bob's uploads, with nobody else there and while Alice attacks, in turn."""
    kinds = attacks()
    pictures = [_encoded(Image.effect_noise((4032, 3024), 30)), _encoded(Image.effect_noise((800, 600), 30))]
    idle, numbers = Watched(), itertools.count()
    attacked: dict[str, Watched] = {kind: Watched() for kind in kinds}
    answered: dict[str, Counter[int]] = {kind: Counter() for kind in kinds}
    # With the limits of rates as they are by default: Bob doesn't come near them.
    async with running_backend() as backend, backend.client() as http:
        bob = await backend.member(http, "bob")
        await _upload(backend, bob, pictures, Watched(), count=6)
        began = time.perf_counter()
        for number in range(ROUNDS):
            if number and time.perf_counter() - began > ENOUGH_S:
                break
            await _upload(backend, bob, pictures, idle, count=2 * UPLOADS)
            for kind, sent in kinds.items():
                # Somebody else each time, who hasn't used up a limit yet.
                alice = await backend.member(http, f"alice{next(numbers)}")
                async with _attacking(backend, alice, sent, answered[kind]):
                    await _upload(backend, bob, pictures, attacked[kind])
    rows, figures = [], {}
    for kind in kinds:
        before, during = (milliseconds(each.took, 95) for each in (idle, attacked[kind]))
        middles = [milliseconds(each.took, 50) for each in (idle, attacked[kind])]
        failed = sum(count for status, count in attacked[kind].statuses.items() if status != 200)
        ratio = round(during / before, 2)
        figures[kind] = {"idle_p95_ms": before, "p95_ms": during, "ratio": ratio, "failed": failed}
        answers = ", ".join(f"{count} x {status}" for status, count in answered[kind].most_common(3))
        rows.append(
            [
                kind,
                *(f"{each:.0f}" for each in (*middles, before, during)),
                f"{ratio:.2f}",
                str(failed),
                answers,
            ]
        )
    head = [
        "while another person sends",
        "p50 idle",
        "p50",
        "p95 idle",
        "p95, ms",
        "ratio",
        "failed",
        "answers",
    ]
    print_table(head, rows)
    worst = max(figures.values(), key=lambda each: each["ratio"])["ratio"]
    print(f"attack_p95_ratio {worst:.2f} (goal: at most {GOAL_RATIO})")
    return {"attack_p95_ratio": worst, "attack_goal": GOAL_RATIO, "attack": figures}


async def _upload(
    backend: Backend, who: dict[str, str], pictures: list[bytes], watched: Watched, *, count: int = UPLOADS
) -> None:
    headers = {**who, "Content-Type": "image/jpeg"}
    async with connection(backend.port) as opened:
        for data in itertools.islice(itertools.cycle(pictures), count):
            answer = await opened.request("PUT", "/me/avatar", headers=headers, body=data)
            watched.took.append(answer.took)
            watched.statuses[answer.status] += 1


@asynccontextmanager
async def _attacking(
    backend: Backend, who: dict[str, str], pictures: list[bytes], answered: Counter[int]
) -> AsyncIterator[None]:
    """Have another process send pictures over several connections, without a pause, while the block lasts."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / str(number) for number in range(len(pictures))]
        for file, data in zip(files, pictures, strict=True):
            file.write_bytes(data)
        words = ("-m", "benches._backend_attacker", str(backend.port), str(AT_ONCE), *map(str, files))
        pipe = asyncio.subprocess.PIPE
        attacker = await asyncio.create_subprocess_exec(sys.executable, *words, stdin=pipe, stdout=pipe)
        assert attacker.stdin is not None
        attacker.stdin.write(json.dumps(who).encode() + b"\n")
        await attacker.stdin.drain()
        assert attacker.stdout is not None
        await attacker.stdout.readline()  # all its connections are there
        try:
            yield
        finally:
            answers, _ = await attacker.communicate(b"")  # which ends its input
            answered.update({int(status): count for status, count in json.loads(answers).items()})


async def unfinished() -> dict[str, object]:
    """Begin uploads and never end them, by one person and by many; watch the memory."""
    rows, figures = [], {}
    large = _encoded(Image.linear_gradient("L").resize((4000, 3000)))
    for people in (1, UNFINISHED):
        async with running_backend(SETTINGS) as backend, backend.client() as http:
            tokens = [await backend.member(http, f"member{number}") for number in range(people)]
            # The workers are there, and have had something large.
            await asyncio.gather(*(_upload(backend, tokens[0], [large], Watched()) for _ in range(4)))
            idle = _memory_mb(backend)
            began = time.perf_counter()
            senders = [
                asyncio.create_task(_never_end(backend, tokens[number % people]))
                for number in range(UNFINISHED)
            ]
            most, all_ended = idle, None
            while time.perf_counter() - began < WATCH_S and all_ended is None:
                await asyncio.sleep(0.2)
                most = max(most, _memory_mb(backend))
                if all(task.done() for task in senders):
                    all_ended = time.perf_counter() - began
            for task in senders:
                task.cancel()
            await asyncio.gather(*senders, return_exceptions=True)
        ratio = round(most / idle, 2)
        who = "one person" if people == 1 else f"{people} people"
        figures[who] = {"idle_mb": idle, "most_mb": most, "ratio": ratio, "all_ended_s": all_ended}
        ended = f"{all_ended:.0f}" if all_ended is not None else "never"
        rows.append([who, f"{idle:.0f}", f"{most:.0f}", f"{ratio:.2f}", ended])
    print_table(
        [f"{UNFINISHED} uploads without an end, by", "idle, MB", "most, MB", "ratio", "ended, s"], rows
    )
    by_one = figures["one person"]["ratio"]
    print(f"unfinished_memory_ratio {by_one} (goal: at most {MEMORY_GOAL_RATIO})")
    return {"unfinished_memory_ratio": by_one, "unfinished_goal": MEMORY_GOAL_RATIO, "unfinished": figures}


async def _never_end(backend: Backend, who: dict[str, str]) -> None:
    """Send all of a body but its last byte, then wait for the other side to end it."""
    with suppress(OSError):
        async with connection(backend.port) as opened:
            reader, writer = opened._reader, opened._writer
            fields = {"Host": "a", "Content-Type": "image/png", "Content-Length": str(BODY_BYTES), **who}
            lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
            writer.write(f"PUT /me/avatar HTTP/1.1\r\n{lines}\r\n".encode())
            for _ in range(BODY_BYTES // len(PIECE) - 1):
                writer.write(PIECE)
                await writer.drain()
            while await reader.read(2**16):
                pass


def _memory_mb(backend: Backend) -> float:
    """Return the memory of the backend's process and all its children, in MB."""
    process = psutil.Process(backend.process.pid)
    total = 0
    for each in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            total += each.memory_info().rss
    return round(total / 1e6, 1)
