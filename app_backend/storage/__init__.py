"""Where picture files are kept: one small interface; behind it a local folder, or a bucket that speaks S3."""

import re
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from obstore.exceptions import BaseError

from app_backend.errors import BackendError
from app_backend.storage.base import (
    Operation,
    Storage,
    StorageUnavailable,
    StorageWrapper,
    StoredFolder,
    TimeLimit,
)
from app_backend.storage.local import LocalStorage
from app_backend.storage.s3 import S3Storage

__all__ = [
    "LocalStorage",
    "Operation",
    "S3Storage",
    "Storage",
    "StorageUnavailable",
    "StorageWrapper",
    "StoredFolder",
    "TimeLimit",
    "open_storage",
]


BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
FORMS = "the storage URL must be of the form file:///folder or s3://bucket/prefix"


async def open_storage(url: str | None, *, default: Path | None, timeout_s: float = 5.0) -> Storage:
    """Return the storage at a URL, or without one in the folder `default`; `timeout_s` is for each request.

    Raises `BackendError` where the URL is wrong, or what it names can't be used.
    """
    try:
        if url is None:
            if default is None:
                raise BackendError("pictures need a place: give a folder or a storage URL")
            return LocalStorage(default)
        return await _open(url, timeout_s)
    except StorageUnavailable as error:
        raise BackendError(f"the storage can't be used: {error}") from error


async def _open(url: str, timeout_s: float) -> Storage:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise BackendError(FORMS) from error
    # What is wrong is never repeated: somebody may have put a secret there.
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise BackendError(f"{FORMS}, and nothing else; credentials come from AWS_ACCESS_KEY_ID and its kin")
    if parts.scheme == "file" and parts.netloc in {"", "localhost"} and parts.path.startswith("/"):
        return LocalStorage(Path(unquote(parts.path)))
    if parts.scheme == "s3" and BUCKET.fullmatch(parts.netloc):
        return await _open_s3(parts, timeout_s)
    raise BackendError(FORMS)


async def _open_s3(parts: SplitResult, timeout_s: float) -> Storage:
    try:
        storage = S3Storage(parts.netloc, unquote(parts.path).strip("/"), timeout_s=timeout_s)
    except (BaseError, ValueError) as error:
        raise BackendError(f"the storage can't be used: {str(error).splitlines()[0]}") from error
    await storage.check()
    return storage
