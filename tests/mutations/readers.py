"""All readers of what somebody else may have written."""

from __future__ import annotations

from tests.mutations import app_readers, project_readers, result_readers, server_readers
from tests.mutations.reader import Reader

READERS: tuple[Reader, ...] = (
    *project_readers.READERS,
    *result_readers.READERS,
    *app_readers.READERS,
    *server_readers.READERS,
)
