"""Who has the processor, the memory and the files: the processes of this machine by what they are for."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flutter_bridge import is_loopback
from journeys.errors import SetupError

if TYPE_CHECKING:
    import psutil  # type: ignore[import-untyped]  # it ships no types
else:
    try:
        import psutil
    except ImportError:
        psutil = None

ENGINE, WATCHERS, BACKEND, WORKERS, APP, POSTGRES, OTHERS = (
    "load engine",
    "watching browsers",
    "backend",
    "backend's workers",
    "app server",
    "PostgreSQL",
    "others",
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The processes at a moment: seconds of processor by process, and the role of each."""

    at: float
    spent: Mapping[tuple[int, float], float]
    roles: Mapping[tuple[int, float], str]


@dataclass(frozen=True, slots=True)
class Resources:
    """What one role's processes hold."""

    memory_mb: float
    connections: int
    files: int


class Processes:
    """Finds the roles of processes: by what listens at the addresses, and by who started whom."""

    def __init__(self, *, backend_url: str, app_url: str | None = None) -> None:
        if psutil is None:
            raise SetupError("journeys load needs psutil: pip install psutil (or 'journeys[load]')")
        self._addresses = {BACKEND: backend_url, **({APP: app_url} if app_url else {})}
        self._pids = {role: _listener_at(url) for role, url in self._addresses.items()}

    def roles(self, watchers: int | None = None) -> dict[int, str]:
        """Return the role of each process that has one."""
        found: dict[int, str] = {}
        for role, pid in self._pids.items():
            if pid is not None:
                found |= dict.fromkeys(_children_of(pid), WORKERS if role == BACKEND else role)
                found[pid] = role
        if watchers is not None:
            found |= dict.fromkeys([watchers, *_children_of(watchers)], WATCHERS)
        found[os.getpid()] = ENGINE
        return found

    def snapshot(self, watchers: int | None = None) -> Snapshot:
        """Return what each process has had of the processor until now."""
        roles, spent, of = self.roles(watchers), {}, {}
        for process in psutil.process_iter(["name", "create_time", "cpu_times"]):
            times, key = process.info["cpu_times"], (process.pid, process.info["create_time"] or 0.0)
            if times is not None:
                spent[key] = times.user + times.system
                is_postgres = (process.info["name"] or "").startswith("postgres")
                of[key] = roles.get(process.pid, POSTGRES if is_postgres else OTHERS)
        return Snapshot(time.monotonic(), spent, of)

    def resources(self) -> dict[str, Resources]:
        """Return what the backend and its workers hold; nothing for one on another machine."""
        by_role: dict[str, list[Any]] = {}
        for pid, role in self.roles().items():
            if role in {BACKEND, WORKERS}:
                with suppress(psutil.Error):
                    by_role.setdefault(role, []).append(psutil.Process(pid))
        return {role: _sum_of(processes) for role, processes in by_role.items()}


def cores_between(before: Snapshot, after: Snapshot) -> dict[str, float]:
    """Return how many cores each role has used on average; a process that ended meanwhile is left out."""
    seconds, used = max(after.at - before.at, 1e-6), Counter[str]()
    for key, spent in after.spent.items():
        used[after.roles[key]] += spent - before.spent.get(key, 0.0)  # type: ignore[assignment]  # of seconds
    return {role: round(value / seconds, 3) for role, value in used.most_common() if value > 0}


def _sum_of(processes: list[Any]) -> Resources:
    memory, connections, files = 0, 0, 0
    for process in processes:
        with suppress(psutil.Error):
            memory += process.memory_info().rss
            connections += len(process.net_connections())
            files += process.num_fds()
    return Resources(round(memory / 1e6, 2), connections, files)


def _listener_at(url: str) -> int | None:
    """Return the process that listens at an address of this machine, as far as one may know it."""
    if not is_loopback(url):
        return None
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    with suppress(psutil.Error):
        for each in psutil.net_connections("tcp"):
            if each.status == psutil.CONN_LISTEN and each.laddr.port == port and each.pid:
                return int(each.pid)
    return None


def _children_of(pid: int) -> list[int]:
    with suppress(psutil.Error):
        return [each.pid for each in psutil.Process(pid).children(recursive=True)]
    return []
