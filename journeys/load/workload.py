"""What virtual users do: a mix of activities in plain asynchronous Python, written beside a user's kit."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

from flutter_bridge import is_loopback, is_server_address
from journeys.documents import one_line, quote_value
from journeys.errors import JourneysError, UsageError
from journeys.load.virtual_user import VirtualUser

DEFAULT_NAME = "workload"
"""The name a workload has in its file, where none is given."""

_MOST_STREAMS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something that users do.

    With a `weight`, it is chosen in proportion to it, after a user has thought. With `per_second`, one user
    after the other does it so often, all of them together: then it comes however slow the answers are.
    """

    run: Callable[[VirtualUser], Awaitable[None]]
    weight: float = 0.0
    per_second: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A mix of activities. `think_s` is the shortest and the longest time between two of a user's.

    `enter` is what each user does first, such as to make an account. Each holds `streams` event streams open
    at the path `stream`. `gauges` reads what a soak follows by the minute: numbers by name. `watch` is the
    journey that measures what people see meanwhile.
    """

    activities: tuple[Activity, ...]
    enter: Callable[[VirtualUser], Awaitable[None]] | None = None
    think_s: tuple[float, float] = (2.0, 8.0)
    stream: str | None = None
    streams: int = 1
    gauges: Callable[[str], Awaitable[Mapping[str, float]]] | None = None
    watch: str | None = None

    def __post_init__(self) -> None:
        low, high = self.think_s
        if not self.activities:
            raise UsageError("a workload needs activities: activities=(Activity(run=…, weight=1),)")
        for each in self.activities:
            if min(each.weight, each.per_second) < 0 or (each.weight > 0) == (each.per_second > 0):
                raise UsageError(f"the activity {name_of(each)} needs either a weight or per_second, above 0")
        if not 0 < low <= high:
            raise UsageError(f"think_s = {self.think_s}: the shortest time, above 0, and then the longest")
        if not 0 <= self.streams <= _MOST_STREAMS:
            raise UsageError(f"streams = {self.streams}: a user holds 0 to {_MOST_STREAMS} open")
        if self.stream is not None and not self.stream.startswith("/"):
            raise UsageError(f"stream = {quote_value(self.stream)}: a path, which starts with /")


def name_of(activity: Activity) -> str:
    """Return what reports call an activity: its function's name."""
    return getattr(activity.run, "__name__", "activity").replace("_", " ").strip()


def load_workload(text: str) -> Workload:
    """Return the workload that a command line names: `FILE.py` or `package.module`, with `:NAME` or without.

    Raises `UsageError` where there is none.
    """
    place, _, name = text.partition(":")
    module = _import(place)
    name = name or DEFAULT_NAME
    found = getattr(module, name, None)
    if not isinstance(found, Workload):
        what = "there is no such name" if found is None else f"it is no Workload but {type(found).__name__}"
        raise UsageError(f"--scenario {text}: {name} in {place}: {what}: write {name} = Workload(…) there")
    return found


def _import(place: str) -> ModuleType:
    path = Path(place)
    is_file = place.endswith(".py")
    if is_file and not path.is_file():
        raise UsageError(f"--scenario {place}: there is no such file")
    # What stands beside it is imported as it is by the kit.
    folder = str(path.resolve().parent if is_file else Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        if not is_file:
            return importlib.import_module(place)
        module = ModuleType(f"journeys_workload_{path.stem}")
        module.__file__ = str(path)
        # As dataclasses and pickles look for it.
        sys.modules[module.__name__] = module
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)  # noqa: S102 - the user's own file
    except JourneysError:
        raise
    except Exception as error:
        raise UsageError(
            f"--scenario {place} can't be imported: {type(error).__name__}: {one_line(str(error))}"
        ) from error
    return module


def require_allowed(url: str, allow_hosts: tuple[str, ...]) -> None:
    """Raise `UsageError` for a target that is neither this machine nor named: load harms whoever gets it."""
    if not is_server_address(url):
        raise UsageError(f"--url {quote_value(url)} is no address of a server: http://host:port")
    host = urlsplit(url).hostname or ""
    if not is_loopback(url) and not any(fnmatch(host, each.lower()) for each in allow_hosts):
        raise UsageError(
            f"--url {url}: load is for servers of one's own: name {host} in allow_hosts of [tool.journeys], "
            "or use one on this machine"
        )
