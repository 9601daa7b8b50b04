"""A server that speaks S3, as a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx

from journeys.run.servers.guard import Guard


@contextmanager
def s3_server() -> Iterator[str]:
    """Run moto's server on a free port and yield its address; it forgets everything when the block ends.

    It ends with this process, too, however that ends.
    """
    command = [sys.executable, "-m", "moto.server", "--port", "0"]
    with (
        closing(Guard()) as guard,
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True, process_group=0) as process,  # noqa: S603 - our words
    ):
        guard.add(process.pid)
        assert process.stderr is not None
        # It says something about every request, and would wait for a reader one day.
        reader = threading.Thread(target=process.stderr.read)
        try:
            said = []
            for line in process.stderr:
                said.append(line)
                if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                    break
            else:
                raise AssertionError(f"no S3 server: {''.join(said)}")
            reader.start()
            yield found[0]
        finally:
            process.terminate()
            process.wait()
            guard.remove(process.pid)
            if reader.ident is not None:
                reader.join()


def s3_environment(address: str) -> dict[str, str]:
    """What the environment of a backend says about an S3 server."""
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
    }


def make_bucket(address: str, name: str) -> None:
    assert httpx.put(f"{address}/{name}").status_code == 200
