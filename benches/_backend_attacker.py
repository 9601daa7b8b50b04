"""Sends a backend pictures over several connections, without a pause: a process of its own.

Somebody else's machine pays for what an attacker does: so it runs where nobody else wants to, and its work is
none of the loop that times the other person. `python -m benches._backend_attacker PORT AT_ONCE FILE…` with
its headers as JSON in a line of standard input prints a line once all connections are there, goes on until
standard input ends, and prints how it was answered.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

from benches._backend_http import connection


async def attack(port: int, at_once: int, who: dict[str, str], pictures: list[bytes]) -> Counter[int]:
    """Send pictures until standard input ends; returns the answers' statuses."""
    answered: Counter[int] = Counter()
    missing = set(range(at_once))

    async def send(number: int) -> None:
        while True:
            # Some answers end the connection.
            with suppress(OSError, asyncio.IncompleteReadError):
                async with connection(port) as opened:
                    if missing == {number}:
                        print("connected", flush=True)
                    missing.discard(number)
                    for data in itertools.cycle(pictures):
                        answer = await opened.request("PUT", "/me/avatar", headers=who, body=data)
                        answered[answer.status] += 1

    tasks = [asyncio.create_task(send(number)) for number in range(at_once)]
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return answered


if __name__ == "__main__":
    os.nice(19)
    headers = json.loads(sys.stdin.readline())
    contents = [Path(name).read_bytes() for name in sys.argv[3:]]
    print(json.dumps(asyncio.run(attack(int(sys.argv[1]), int(sys.argv[2]), headers, contents))))
