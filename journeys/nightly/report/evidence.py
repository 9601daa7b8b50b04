"""Where a night's pictures, logs and traces are: links from the page, a word where they are missing."""

from __future__ import annotations

import os
import re
import stat
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from journeys.nightly.record import AttemptRecord, CellRecord, LogRecord, NightRecord
from journeys.nightly.report.causes import unpassed_surfaces
from journeys.report import PAGE, ScreenRow, SurfaceRecord, anchor_of, format_latency, is_timed

_MOST_SHOTS = 3
_SCREEN = "-screen.png"


@dataclass(frozen=True)
class Link:
    """One file: `href` is its address as seen from the page, empty where it can't be had; then `why` not."""

    title: str
    href: str = ""
    why: str = ""


@dataclass(frozen=True)
class Strip:
    """The deciding pictures of one surface or screen, in the order in which they were seen."""

    title: str
    measurement: str
    pictures: tuple[Link, ...]


class Evidence:
    """What lies beside a night's record, linked from a page in `page`.

    Nothing outside of `folder`, which holds night.json, is ever linked, whatever a record says.
    """

    def __init__(self, night: NightRecord, folder: Path, page: Path) -> None:
        self._night = night
        self._folder = folder.resolve()
        self._page = page.resolve()
        self._known: dict[str, Link] = {}
        self._folders: dict[str, Path] = {}

    def link(self, title: str, *parts: str) -> Link:
        """Return the link to a file or a folder, by its path as the records have it."""
        path = PurePosixPath(*parts)
        found = self._known.get(str(path))
        if found is None:
            found = self._known[str(path)] = self._link_to(path)
        return Link(title, found.href, found.why)

    def strips(self, cell: CellRecord) -> list[Strip]:
        """Return the deciding pictures of what did not pass in a cell's last attempt."""
        attempt = cell["attempts"][-1] if cell["attempts"] else None
        record = attempt["record"] if attempt is not None else None
        if attempt is None or record is None:
            return []
        strips = [
            *(self._surface(attempt, surface) for surface in unpassed_surfaces(record, cell["status"])),
            *(self._screen(attempt, screen) for screen in record["screens"] if not screen["accepted"]),
        ]
        if not strips and (shots := self._shots(cell, attempt)):
            strips = [Strip(f"on {cell['casting']}", "when it failed", shots)]
        return [replace(strip, measurement=f"{strip.measurement} · {cell['journey']}") for strip in strips]

    def _shots(self, cell: CellRecord, attempt: AttemptRecord) -> tuple[Link, ...]:
        """Return screenshots of the moment in which a try failed: windows, devices, and what errors name."""
        own = self._folder_of(cell, attempt)
        if own == (attempt["results"],) or not self.link("", *own).href:
            return ()
        there = sorted(file.name for file in self._folder.joinpath(*own).glob("*.png"))
        windows = [name for name in there if name.startswith("test-failed-")]
        screens = [name for name in there if name.endswith(_SCREEN)]
        record = attempt["record"]
        targets = record["targets"] if record is not None else []
        # A picture an error names is of the same moment: shown where there is no other of its target.
        named = [
            name
            for target in targets
            if not (windows and target in self._web)
            for name in there
            if re.fullmatch(rf"{re.escape(target)}-\d+\.png", name)
        ]
        titles = [
            *((f"window {number}", name) for number, name in enumerate(windows, start=1)),
            *((name.removesuffix(_SCREEN), name) for name in screens),
            *((f"{name.removesuffix('.png')}, named by the error", name) for name in named),
        ]
        return tuple(self.link(title, *own, name) for title, name in titles[:_MOST_SHOTS])

    def logs(self, cell: CellRecord) -> list[Link]:
        """Return traces, videos and logs of a cell, then of each attempt its run's page and its folder."""
        of_cell = self._logs_of.get(log_key(cell), [])
        several = len(cell["attempts"]) > 1
        # The file's folder tells the logs of several tries apart.
        titles = (f"{log['kind']} ({log['path']})" if several else log["kind"] for log in of_cell)
        links = [self.link(title, log["path"]) for title, log in zip(titles, of_cell, strict=True)]
        for attempt in cell["attempts"]:
            number = f" of try {attempt['number']}" if several else ""
            links += self._run_page(f"the run's page{number}", attempt)
            links.append(self.link(f"all files{number}", *self._folder_of(cell, attempt)))
        return links

    def _run_page(self, title: str, attempt: AttemptRecord) -> list[Link]:
        """Return the way to a try on the page of its run, where one was written."""
        page, record = self.link(title, attempt["results"], PAGE.as_posix()), attempt["record"]
        if record is None or not page.href:
            return []
        return [replace(page, href=f"{page.href}#{anchor_of(record['id'], record['casting'])}")]

    def files(self, cell: CellRecord) -> str:
        """Return the address of the folder of a cell's last attempt; empty where it can't be had."""
        if not cell["attempts"]:
            return ""
        return self.link("", *self._folder_of(cell, cell["attempts"][-1])).href

    def night_logs(self) -> list[Link]:
        """Return the logs of the whole night; those that are there with their paths."""
        links = ((log["path"], self.link(log["kind"], log["path"])) for log in self._logs_of.get("", []))
        return [replace(link, title=f"{link.title}: {path}") if link.href else link for path, link in links]

    def _folder_of(self, cell: CellRecord, attempt: AttemptRecord) -> tuple[str, ...]:
        """Return the path of an attempt's own folder; of its run's, where it left nothing of its own."""
        if own := attempt.get("evidence"):
            return attempt["results"], own
        record = attempt["record"]
        for surface in record["surfaces"] if record is not None else ():
            frame = surface["last_old_frame"] or surface["first_new_frame"]
            if frame is not None and "/" in frame:
                return attempt["results"], frame.rpartition("/")[0]
        for log in self._logs_of.get(log_key(cell), []):
            if log["path"].startswith(f"{attempt['results']}/"):
                return (log["path"].rpartition("/")[0],)
        return (attempt["results"],)

    @cached_property
    def _web(self) -> set[str]:
        return {target["name"] for target in self._night["targets"] if target["platform"] == "web"}

    @cached_property
    def _logs_of(self) -> dict[str, list[LogRecord]]:
        logs = defaultdict(list)
        for log in self._night["logs"]:
            logs[log["cell"]].append(log)
        return logs

    def _link_to(self, path: PurePosixPath) -> Link:
        file = os.path.normpath(self._folder / path)
        if path.is_absolute() or not _is_inside(file, self._folder):
            return Link("", why=f"{path} lies outside of the night's folder")
        try:
            known = os.lstat(file)
            # Most files lie in folders that were looked at before: only links have to be followed.
            led = Path(file).resolve(strict=True) if stat.S_ISLNK(known.st_mode) else None
            parent = self._resolve(str(Path(file).parent))
        except (OSError, ValueError, RuntimeError):
            return Link("", why=f"{path} is missing")
        if not (_is_inside(led or parent, self._folder) and _is_inside(parent, self._folder)):
            return Link("", why=f"{path} leads out of the night's folder")
        # Quoted whole, so that no name is taken for a scheme, a query or a part of the page.
        return Link("", href=quote(Path(os.path.relpath(file, self._page)).as_posix()))

    def _resolve(self, folder: str) -> Path:
        if folder not in self._folders:
            self._folders[folder] = Path(folder).resolve()
        return self._folders[folder]

    def _surface(self, attempt: AttemptRecord, surface: SurfaceRecord) -> Strip:
        return Strip(
            title=f"{surface['surface']}, seen by {surface['actor']} on {surface['target']}",
            measurement=measurement_of(surface),
            pictures=tuple(
                Link(title, why=none) if frame is None else self.link(title, attempt["results"], frame)
                for title, frame, none in (
                    ("last frame without it", surface["last_old_frame"], "no frame without it was kept"),
                    ("first frame with it", surface["first_new_frame"], "no frame with it came"),
                )
            ),
        )

    def _screen(self, attempt: AttemptRecord, screen: ScreenRow) -> Strip:
        titles = ("now",) if screen["status"] == "new" else ("baseline", "now", "difference")
        names = {"baseline": "baseline.png", "now": "actual.png", "difference": "difference.png"}
        folder = screen["folder"]
        return Strip(
            title=f"{screen['screen']} of {screen['actor']} on {screen['target']}, {screen['theme']}",
            measurement=screen["summary"],
            pictures=tuple(
                Link(title, why="no picture was kept")
                if folder is None
                else self.link(title, attempt["results"], folder, names[title])
                for title in titles
            ),
        )


def _is_inside(file: str | Path, folder: Path) -> bool:
    return file == folder or str(file).startswith(f"{folder}{os.sep}")


def log_key(cell: CellRecord) -> str:
    """Return how the logs of a night name a cell."""
    return f"{cell['journey']}[{cell['casting']}]"


def measurement_of(surface: SurfaceRecord) -> str:
    """Return what was measured on a surface: `1203–1266 ms after the commit, budget 1000 ms`."""
    budget = f"budget {surface['budget_s'] * 1000:.0f} ms"
    measured = (
        (surface.get("since", ""), surface.get("since_to_visible_s")),
        ("commit", surface["commit_to_visible_s"]),
        ("tap", surface["tap_to_visible_s"]),
    )
    for since, bounds in measured:
        if bounds is not None:
            return f"{format_latency(bounds)} after {'' if ':' in since else 'the '}{since}, {budget}"
    if not is_timed(surface):
        return f"had to stay as it was, {budget}"
    return f"never seen to stay, {budget}"
