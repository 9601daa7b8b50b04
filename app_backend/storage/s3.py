"""Objects in a bucket that speaks S3."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import S3Store

from app_backend.storage.base import StorageUnavailable, StoredFolder, check_name, check_path

ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")

# obstore retries by itself what may be retried; whoever waits has a time limit of their own.
RETRIES = 2
PAUSE_S = 0.1

TIDY_S = 1.0
"""How long the failure of a `put` may take longer, for removing what it has put."""


class S3Storage:
    """Keeps files as objects `prefix/folder/name` of one bucket.

    Endpoint, region and credentials come from the usual `AWS_*` environment variables; addresses have the
    bucket in their path, as servers other than Amazon's want it. `timeout_s` bounds each request. Raises
    `ValueError` where the endpoint is no address.

    S3 can't put several objects as one: while a folder is put, some may be there. Those of a `put` that
    failed are removed again, as far as the server can be reached.
    """

    # By obstore: async, maintained, typed, one wheel that signs, keeps connections and retries in Rust; the
    # clients around botocore bring a web stack of their own for the same five calls.
    def __init__(self, bucket: str, prefix: str = "", *, timeout_s: float = 5.0) -> None:
        self._where = f"s3://{bucket}/{prefix}".rstrip("/")
        endpoints = [os.environ[name] for name in ENDPOINTS if os.environ.get(name)]
        for endpoint in endpoints:
            if urlsplit(endpoint).scheme not in {"http", "https"} or not urlsplit(endpoint).hostname:
                # The client itself would end in a panic.
                raise ValueError("AWS_ENDPOINT_URL must be of the form http://host:port or https://host")
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            config={"virtual_hosted_style_request": False},
            client_options={
                "allow_http": any(each.startswith("http://") for each in endpoints),
                "timeout": timedelta(seconds=timeout_s),
            },
            retry_config={
                "max_retries": RETRIES,
                "retry_timeout": timedelta(seconds=timeout_s),
                "backoff": {"init_backoff": timedelta(seconds=PAUSE_S)},
            },
        )

    async def put(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Keep files in a new folder: all of them, or none."""
        where = "/".join(check_path(folder))
        whole = {f"{where}/{check_name(name)}": content for name, content in files.items()}
        try:
            async with asyncio.TaskGroup() as tasks:
                for path, content in whole.items():
                    tasks.create_task(self._put(path, content))
        except BaseException as error:
            # Deleted without looking which are there: one that came late is gone as well.
            with suppress(OSError, BaseError):
                async with asyncio.timeout(TIDY_S):
                    await self._store.delete_async(list(whole))
            if isinstance(error, ExceptionGroup):
                raise error.exceptions[0] from error
            raise

    async def get(self, folder: str, name: str) -> bytes | None:
        """Return a file's bytes, or None where there is no such file."""
        path = "/".join([*check_path(folder), check_name(name)])
        with self._translate_errors():
            try:
                return bytes(await (await self._store.get_async(path)).bytes_async())
            except FileNotFoundError as error:
                if _is_about_the_bucket(error):
                    raise
                return None

    async def delete(self, folder: str) -> None:
        """Remove a folder and all in it."""
        where = "/".join(check_path(folder))
        with self._translate_errors():
            paths = [each["path"] async for some in self._store.list(where) for each in some]
            if paths:
                await self._store.delete_async(paths)

    async def folders(self) -> AsyncIterator[StoredFolder]:
        """Yield every folder that has files in it."""
        # The objects come in the order of their names: those of one folder follow each other.
        name, changed_at = "", 0.0
        with self._translate_errors():
            async for some in self._store.list():
                for each in some:
                    folder = each["path"].rpartition("/")[0]
                    if folder != name:
                        if name:
                            yield StoredFolder(name, changed_at)
                        name, changed_at = folder, 0.0
                    changed_at = max(changed_at, each["last_modified"].timestamp())
        if name:
            yield StoredFolder(name, changed_at)

    async def delete_unfinished(self, *, older_than_s: float) -> int:  # noqa: ARG002 - the interface's
        """Remove nothing: an object is there or not, and what a killed process has put is in `folders`."""
        return 0

    async def check(self) -> None:
        """Raise `StorageUnavailable` where the bucket can't be listed."""
        with self._translate_errors():
            await self._store.list_with_delimiter_async("check")

    async def _put(self, path: str, content: bytes) -> None:
        with self._translate_errors():
            await self._store.put_async(path, content, use_multipart=False)

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Turn what obstore raises into what the interface promises."""
        try:
            yield
        except (BaseError, OSError) as error:
            raise StorageUnavailable(f"{self._where}: {_reason(error)}") from error


def _is_about_the_bucket(error: FileNotFoundError) -> bool:
    return "<Code>NoSuchBucket</Code>" in str(error)


def _reason(error: BaseException) -> str:
    """Return what obstore says in one line, without the server's XML and the client's inner state."""
    text = str(error)
    if "<Code>" in text:
        code = text.split("<Code>", 1)[1].split("</Code>", 1)[0]
        message = text.split("<Message>", 1)[-1].split("</Message>", 1)[0] if "<Message>" in text else ""
        return f"{code} ({message})" if message else code
    return text.split("\n", 1)[0].removeprefix("Generic S3 error: ")
