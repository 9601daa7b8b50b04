"""A trace of an app that Playwright doesn't drive, for Playwright's own viewer: `playwright show-trace FILE`.

The format is Playwright's, which has no description: this is what its viewer reads of it.

trace.trace     events, a JSON object in each line; times are milliseconds on one monotonic clock
├── context-options   the first one: `version`, the title, and when the clock was what on the wall
├── before, after     an action's beginning and end; `parentId` puts it inside another one, `error` marks it
├── log               a line of an action's log
├── screencast-frame  a picture of the strip, at its `timestamp`
├── screenshot        the whole picture before an action or after it; viewers before version 9 pass over it
└── console           a line of the console, at its `time`
trace.network   the same for requests: none are known of a device
resources/      pictures and attachments, called by their digests

Version 8 is written: a viewer reads older versions than its own, and refuses newer ones. Traces of the web
have snapshots of the DOM and requests as well; a device gives neither.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha1
from io import BytesIO
from math import isnan
from pathlib import Path
from typing import Any, Final

from flutter_bridge import Interval
from journeys.documents import write_atomically
from journeys.output import file_name_of
from journeys.redaction import redact, redact_record
from journeys.report.logs import read_log_lines
from journeys.report.record import wall_time
from journeys.timeline import (
    Acted,
    ActorJoined,
    AppReopened,
    Committed,
    CommitUnreported,
    Event,
    Filmed,
    JourneyEnded,
    JourneyStarted,
    PlayedAgain,
    ScreenCompared,
    Status,
    StepEnded,
    StepStarted,
    StreamReopened,
    SurfaceChanged,
    Verdict,
    VerdictReached,
)

VERSION: Final = 8
MOST_PICTURE_BYTES: Final = 24 * 2**20
"""Of the pictures in a trace: whole ones come first, then those of strips, as long as there is room."""
MOST_ACTIONS: Final = 5_000
"""Of a trace, the last ones."""
MOST_LOG_BYTES: Final = 2**20
"""Of each log, its end."""
LONGEST_TEXT: Final = 2_000

_TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
_PAGE = "page@app"
_LEVELS = {"warning": "warning", "warn": "warning", "error": "error", "severe": "error", "fatal": "error"}


def write_device_traces(
    evidence: Path, events: Iterable[Event], *, targets: Collection[str] | None = None
) -> list[Path]:
    """Write `trace-ACTOR.zip` into a journey's folder for all who were on these targets, and return them.

    None stands for all targets. Each has the whole journey, and what this actor's app looked like.
    """
    events = tuple(events)
    taken: set[str] = set()
    written: list[Path] = []
    # All who came in, so that a name is the one by which the actor's screen and logs were kept.
    for joined in [event for event in events if isinstance(event, ActorJoined)]:
        name = file_name_of(joined.actor, taken)
        if targets is None or joined.target in targets:
            file = evidence / f"trace-{name}.zip"
            write_atomically(file, _Trace(events, joined, evidence, name).pack())
            written.append(file)
    return written


@dataclass(kw_only=True)
class _Action:
    """A row of the viewer's list; `before` and `after` are the names of resources."""

    title: str
    start: float
    end: float
    kind: str
    parent: str | None = None
    error: str = ""
    before: str | None = None
    after: str | None = None
    log: tuple[str, ...] = ()
    attachments: tuple[dict[str, str], ...] = ()


class _Trace:
    """One actor's trace."""

    def __init__(self, events: Sequence[Event], joined: ActorJoined, evidence: Path, name: str) -> None:
        self._events = events
        self._actor, self._target = joined.actor, joined.target
        self._evidence, self._name = evidence, name
        self._journey = next((event for event in events if isinstance(event, JourneyStarted)), None)
        self._ending = next((event for event in events if isinstance(event, JourneyEnded)), None)
        self._began = joined.at if self._journey is None else self._journey.at
        self._ended = max(self._began, joined.at if self._ending is None else self._ending.at)
        self._resources: dict[str, bytes] = {}
        self._picture_bytes = 0
        self._frames: dict[float, dict[str, Any]] = {}

    def pack(self) -> bytes:
        """Return the archive."""
        # Whole pictures before those of strips, which are many and small.
        actions = list(self._actions())
        self._film()
        lines = [
            self._options(),
            *(line for number, action in actions[-MOST_ACTIONS:] for line in _lines_of(number, action)),
            *(self._frames[at] for at in sorted(self._frames)),
            *self._console(),
        ]
        with BytesIO() as packed:
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                text = "".join(f"{json.dumps(redact_record(line), allow_nan=False)}\n" for line in lines)
                archive.writestr("trace.trace", text)
                archive.writestr("trace.network", "")
                for name, content in self._resources.items():
                    archive.writestr(f"resources/{name}", content)
            return packed.getvalue()

    def _options(self) -> dict[str, Any]:
        title = "" if self._journey is None else f"{self._journey.name}: "
        return {
            "type": "context-options",
            "version": VERSION,
            "origin": "library",
            "contextId": f"context@{self._name}",
            "browserName": self._target,
            "platform": "",
            "sdkLanguage": "python",
            "title": f"{title}{self._actor} on {self._target}",
            "wallTime": wall_time(self._began).timestamp() * 1000,
            "monotonicTime": self._ms(self._began),
            "options": {},
        }

    def _actions(self) -> Iterator[tuple[str, _Action]]:
        """Yield what happened with the number it has, what is inside of something after that."""
        made: list[_Action] = []
        open_steps: list[int] = []
        for event in self._events:
            parent = _number(open_steps[-1]) if open_steps else None
            match event:
                case StepStarted():
                    at = self._ms(event.at)
                    step = _Action(title=event.title, start=at, end=self._ms(self._ended), kind="step")
                    step.parent = parent
                    open_steps.append(len(made))
                    made.append(step)
                case StepEnded():
                    # Steps that people take at the same time end in any order.
                    number = next(
                        (one for one in reversed(open_steps) if made[one].title == event.title), None
                    )
                    if number is not None:
                        open_steps.remove(number)
                        made[number].end, made[number].error = self._ms(event.at), event.error
                case _:
                    if (action := self._action(event)) is not None:
                        action.parent = parent
                        made.append(action)
        made.append(self._close(any(action.error for action in made)))
        return ((_number(place), action) for place, action in enumerate(made))

    def _action(self, event: Event) -> _Action | None:
        match event:
            case Acted():
                return self._within(f"{event.actor}: {event.action}", "act", event.received)
            case Committed():
                title = f"the backend commits: {event.change}"
                action = self._within(title, "commit", event.committed)
                action.log = (f"known by {event.source}",)
                return action
            case SurfaceChanged():
                title = f"{event.actor}'s {event.surface} is {event.state.value}"
                return self._within(title, "change", event.shown)
            case VerdictReached():
                return self._verdict(event)
            case ScreenCompared():
                title = f"{event.actor}'s screen {event.screen} is held against its baseline"
                error = "" if event.accepted else f"{event.screen} ({event.actor}): {event.summary}"
                at = self._ms(event.at)
                return _Action(title=title, start=at, end=at, kind="screen", error=error)
        return None

    def _verdict(self, event: VerdictReached) -> _Action:
        title = f"{event.actor}'s {event.surface} within {event.budget_s:g} s: {event.verdict.value}"
        said = f"{event.actor}'s {event.surface} {event.reason}"
        at = self._ms(event.at)
        last_old = event.shown.get("last_old")
        action = _Action(title=title, start=at, end=at, kind="verdict", log=(f"wanted: {event.wanted}", said))
        action.start = at if last_old is None else min(at, self._ms(last_old.high))
        action.error = "" if event.verdict is Verdict.PASSED else said
        if event.actor == self._actor:
            action.before = self._frame(event.last_old_frame, last_old)
            action.after = self._frame(event.first_new_frame, event.shown.get("first_new"))
            action.attachments = tuple(
                _attachment(path.name, _TYPES[path.suffix], resource)
                for path, resource in (
                    (event.last_old_frame, action.before),
                    (event.first_new_frame, action.after),
                )
                if path is not None and resource is not None
            )
        return action

    def _close(self, is_explained: bool) -> _Action:
        """Return how the journey ended, with the last screen and the logs that were kept."""
        ending = self._ending
        status = Status.ERROR if ending is None else ending.status
        at = self._ms(self._ended)
        action = _Action(title=f"the journey ends: {status.value}", start=at, end=at, kind="end")
        if ending is not None and ending.error:
            action.log = (ending.error,)
            action.error = "" if is_explained else ending.error
        screen = self._evidence / f"{self._name}-screen.png"
        action.after = self._frame(screen, Interval(self._ended, self._ended))
        action.attachments = tuple(
            _attachment(log.name, "text/plain", self._keep(_end_of(log), ".txt")) for log in self._logs()
        )
        return action

    def _within(self, title: str, kind: str, interval: Interval) -> _Action:
        return _Action(title=title, start=self._ms(interval.low), end=self._ms(interval.high), kind=kind)

    def _console(self) -> Iterator[dict[str, Any]]:
        notes = [
            (event.at, "warning", event.summary)
            for event in self._events
            if isinstance(event, AppReopened | StreamReopened | PlayedAgain | CommitUnreported)
        ]
        lines = [
            (self._began + line["at_s"], _LEVELS.get(line["level"], "log"), line["text"])
            for line in read_log_lines(self._logs(), wall_time(self._began))
        ]
        for at, kind, text in sorted([*notes, *lines]):
            yield {
                "type": "console",
                "pageId": _PAGE,
                "time": self._ms(at),
                "messageType": kind,
                "text": text,
                "args": [],
                "location": {"url": "", "lineNumber": 0, "columnNumber": 0},
            }

    def _logs(self) -> list[Path]:
        """Return this actor's logs: of somebody called `NAME-2` they would begin in the same way."""
        kinds = ("logcat", "syslog", "console")
        return [log for kind in kinds if (log := self._evidence / f"{self._name}-{kind}.log").is_file()]

    # Pictures

    def _frame(self, path: Path | None, shown: Interval | None) -> str | None:
        """Keep a whole frame, put it into the strip where it is known when it was shown, and name it."""
        if path is None or path.suffix not in _TYPES:
            return None
        from PIL import Image  # noqa: PLC0415 - only a run that measured has pictures

        try:
            content = path.read_bytes()
            with Image.open(BytesIO(content)) as opened:
                size = opened.size
        except (OSError, ValueError, Image.DecompressionBombError):
            return None
        return self._keep_picture(content, path.suffix, size, shown)

    def _film(self) -> None:
        """Put the pictures of strips between the whole ones."""
        from PIL import Image  # noqa: PLC0415 - as above

        for film in self._events:
            if not isinstance(film, Filmed) or film.actor != self._actor:
                continue
            try:
                with Image.open(film.sheet) as opened:
                    sheet = opened.convert("RGB")
            except (OSError, ValueError, Image.DecompressionBombError):
                continue
            for number, shown in enumerate(film.shown):
                if self._ms(shown.high) in self._frames:
                    continue
                left = number * film.width
                with BytesIO() as buffer:
                    sheet.crop((left, 0, left + film.width, film.height)).save(buffer, "JPEG", quality=75)
                    content = buffer.getvalue()
                self._keep_picture(content, ".jpg", (film.width, film.height), shown)

    def _keep_picture(
        self, content: bytes, suffix: str, size: tuple[int, int], shown: Interval | None
    ) -> str | None:
        if self._picture_bytes + len(content) > MOST_PICTURE_BYTES:
            return None
        self._picture_bytes += len(content)
        name = self._keep(content, suffix)
        if shown is not None:
            at = self._ms(shown.high)
            self._frames[at] = {
                "type": "screencast-frame",
                "pageId": _PAGE,
                "sha1": name,
                "width": size[0],
                "height": size[1],
                "timestamp": at,
            }
        return name

    def _keep(self, content: bytes, suffix: str) -> str:
        name = f"{sha1(content, usedforsecurity=False).hexdigest()}{suffix}"
        self._resources[name] = content
        return name

    def _ms(self, at: float) -> float:
        """Return a moment in milliseconds, none of them outside of the journey."""
        inside = self._ended if isnan(at) else min(max(at, self._began), self._ended)
        return round(inside * 1000, 3)


def _lines_of(number: str, action: _Action) -> Iterator[dict[str, Any]]:
    """Yield what a trace says of an action."""
    before: dict[str, Any] = {
        "type": "before",
        "callId": number,
        "stepId": number,
        "startTime": action.start,
        "title": action.title[:LONGEST_TEXT],
        "class": "Journey",
        "method": action.kind,
        "params": {},
    }
    yield before | ({} if action.parent is None else {"parentId": action.parent})
    for line in action.log:
        yield {"type": "log", "callId": number, "time": action.start, "message": line[:LONGEST_TEXT]}
    for phase, name, at in (("before", action.before, action.start), ("after", action.after, action.end)):
        if name is not None:
            shot = {"type": "screenshot", "callId": number, "phase": phase, "pageId": _PAGE}
            yield shot | {"timestamp": at, "file": f"resources/{name}"}
    after: dict[str, Any] = {"type": "after", "callId": number, "endTime": max(action.start, action.end)}
    if action.error:
        after["error"] = {"name": "Error", "message": action.error[:LONGEST_TEXT]}
    if action.attachments:
        after["attachments"] = list(action.attachments)
    yield after


def _number(place: int) -> str:
    return f"call@{place + 1}"


def _attachment(name: str, kind: str, resource: str) -> dict[str, str]:
    return {"name": name, "contentType": kind, "sha1": resource}


def _end_of(log: Path) -> bytes:
    """Return the end of a log, without secrets."""
    text = log.read_bytes()[-MOST_LOG_BYTES:].decode(errors="replace")
    return redact(text).encode()
