"""One id for all that one action of a person asks of the backend: so its log tells what belongs together."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any
from weakref import WeakKeyDictionary

# By task: Flet handles each event of a browser in a task of its own, and a context may be inherited for long.
_ids: WeakKeyDictionary[asyncio.Task[Any], str] = WeakKeyDictionary()


def action_id() -> str:
    """Return the id of the action that is being done, for `X-Request-ID`."""
    task = asyncio.current_task()
    if task is None:
        return uuid.uuid4().hex
    return _ids.setdefault(task, uuid.uuid4().hex)
