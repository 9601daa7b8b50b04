"""Where picture files are kept: one small interface; behind it a local folder, or a bucket that speaks S3."""

from app_backend.storage.base import (
    Operation,
    Storage,
    StorageUnavailable,
    StorageWrapper,
    StoredFolder,
    TimeLimit,
)
from app_backend.storage.local import LocalStorage
from app_backend.storage.opening import open_storage
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
