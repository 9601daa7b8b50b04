"""Where picture files are kept: one small interface, and a local folder behind it."""

from app_backend.storage.base import Storage
from app_backend.storage.local import LocalStorage

__all__ = ["LocalStorage", "Storage"]
