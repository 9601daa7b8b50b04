"""A review: the entries of one run, what is decided of them, and who learns of it."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from journeys.review.approval import approve, restore
from journeys.review.decisions import (
    DECISIONS,
    Choice,
    Decision,
    DecisionRequest,
    read_decisions,
    write_decisions,
)
from journeys.review.files import Conflict, Gone, ReviewError, write_error
from journeys.review.results import ComparisonResults, ReviewEntry, Signature, signature_of

_LOCK = ".decisions.lock"


@dataclass(frozen=True)
class RefusedDecision:
    """An entry of which nothing was changed, and why; `decision` is what stands."""

    id: str
    error: ReviewError
    decision: Decision | None


@dataclass
class DecisionOutcome:
    """What came of several decisions: by entry what stands now (None: undecided), and what was refused."""

    revision: int = 0
    done: dict[str, Decision | None] = field(default_factory=dict)
    refused: list[RefusedDecision] = field(default_factory=list)


class Review:
    """The decisions on one run's results, by any number of reviewers, in this process and in others.

    Every decision is written before it is answered. `complain` is called with a line for each refusal.
    """

    def __init__(
        self, results: ComparisonResults, *, complain: Callable[[str], None] = lambda _: None
    ) -> None:
        self.results = results
        self.entries = {entry.id: entry for entry in results.entries if entry.has_difference}
        self._complain = complain
        self._lock = threading.Lock()
        self._decisions: dict[str, Decision] = {}
        self._revision = 0
        self._changed: dict[str, int] = {}
        self._read: Signature = (-1, -1)
        self._sync()

    @property
    def decisions(self) -> dict[str, Decision]:
        """What is decided, by entry."""
        with self._lock:
            self._sync()
            return dict(self._decisions)

    @property
    def revision(self) -> int:
        """A number that grows with every change."""
        return self._revision

    def entry(self, name: str) -> ReviewEntry:
        """Return an entry by its id; raises `ReviewError` where there is none."""
        try:
            return self.entries[name]
        except KeyError:
            raise ReviewError("there is no such screen in these results: reload the page") from None

    def changes(self, after: int) -> DecisionOutcome:
        """Return what was decided or undone after a revision; raises `Gone` where the results went away."""
        with self._lock:
            self.check_results()
            self._sync()
            later = [name for name, revision in self._changed.items() if revision > after]
            return DecisionOutcome(self._revision, {name: self._decisions.get(name) for name in later})

    def decide(self, requests: Sequence[DecisionRequest], *, by: str) -> DecisionOutcome:
        """Approve and reject, each wholly or not at all, in their order."""
        with self._session() as outcome:
            before = dict(self._decisions)
            for each in requests:
                with self._collect_refusal(outcome, each.id):
                    self._decide(each, by, outcome)
            self._write(outcome, before)
        return outcome

    def undo(self, requests: Sequence[tuple[str, int | None]]) -> DecisionOutcome:
        """Take decisions back, the last first; each comes with the number that is to be undone, if known."""
        with self._session() as outcome:
            before = dict(self._decisions)
            for name, seen in requests:
                with self._collect_refusal(outcome, name):
                    self._undo(self.entry(name), seen, outcome)
            self._write(outcome, before)
        return outcome

    def _decide(self, request: DecisionRequest, by: str, outcome: DecisionOutcome) -> None:
        entry = self.entry(request.id)
        standing = self._decisions.get(entry.id)
        self._check_seen(entry, standing, request.seen)
        if standing is not None:
            if standing.verdict is request.verdict and standing.note == request.note:
                outcome.done[entry.id] = standing
                return
            self._take_back(entry, standing)
        written, had_baseline = "", False
        if request.verdict is Choice.APPROVED:
            written, had_baseline = approve(self.results, entry, looked_at=request.actual)
        self._revision += 1
        self._set(
            entry.id,
            Decision(
                entry.id,
                str(entry.path),
                request.verdict,
                request.note,
                by,
                datetime.now(UTC).isoformat(timespec="seconds"),
                self._revision,
                written,
                had_baseline,
            ),
            outcome,
        )

    def _undo(self, entry: ReviewEntry, seen: int | None, outcome: DecisionOutcome) -> None:
        standing = self._decisions.get(entry.id)
        self._check_seen(entry, standing, seen)
        if standing is None:
            raise Conflict(f"{entry.path} isn't decided: there is nothing to undo")
        self._take_back(entry, standing)
        self._revision += 1
        self._set(entry.id, None, outcome)

    def _take_back(self, entry: ReviewEntry, standing: Decision) -> None:
        if standing.verdict is Choice.APPROVED:
            restore(self.results, entry, written=standing.written, had_baseline=standing.had_baseline)
            del self._decisions[entry.id]
            self._changed[entry.id] = self._revision + 1

    def _set(self, name: str, decision: Decision | None, outcome: DecisionOutcome) -> None:
        if decision is None:
            self._decisions.pop(name, None)
        else:
            self._decisions[name] = decision
        self._changed[name] = self._revision
        outcome.done[name] = decision

    def _check_seen(self, entry: ReviewEntry, standing: Decision | None, seen: int | None) -> None:
        number = 0 if standing is None else standing.number
        if seen is None or seen == number:
            return
        if standing is None:
            raise Conflict(f"{entry.path}: another reviewer has undone that decision meanwhile")
        raise Conflict(f"{entry.path}: another reviewer has {standing.verdict} it meanwhile")

    @contextmanager
    def _session(self) -> Iterator[DecisionOutcome]:
        """Let nobody else decide meanwhile, neither here nor in another process."""
        outcome = DecisionOutcome()
        with self._lock:
            self.check_results()
            path = self.results.folder / _LOCK
            try:
                lock = path.open("w")
            except OSError as error:
                raise write_error(path, error) from error
            with lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._sync()
                yield outcome
        outcome.revision = self._revision

    @contextmanager
    def _collect_refusal(self, outcome: DecisionOutcome, name: str) -> Iterator[None]:
        try:
            yield
        except ReviewError as error:
            self._complain(str(error))
            outcome.refused.append(RefusedDecision(name, error, self._decisions.get(name)))

    def _write(self, outcome: DecisionOutcome, before: dict[str, Decision]) -> None:
        """Write what was decided, or put everything back: no baseline changes without its decision kept."""
        path = self.results.folder / DECISIONS
        try:
            write_decisions(
                self.results.folder, self._decisions.values(), self._revision, of=self.results.digest
            )
        except OSError as failure:
            error = write_error(path, failure)
            self._complain(str(error))
            self._put_back(outcome, before)
            for name in outcome.done:
                outcome.refused.append(RefusedDecision(name, error, self._decisions.get(name)))
            outcome.done.clear()
        self._read = signature_of(path)

    def _put_back(self, outcome: DecisionOutcome, before: dict[str, Decision]) -> None:
        for name in reversed(list(outcome.done)):
            entry, was, now = self.entries[name], before.get(name), self._decisions.pop(name, None)
            with self._collect_refusal(DecisionOutcome(), name):
                if now is not None and now.verdict is Choice.APPROVED and now != was:
                    restore(self.results, entry, written=now.written, had_baseline=now.had_baseline)
                if was is not None and was.verdict is Choice.APPROVED and now != was:
                    approve(self.results, entry)
            if was is not None:
                self._decisions[name] = was

    def check_results(self) -> None:
        """Raise `Gone` where the results went away, or are another run's by now."""
        results = self.results
        if not results.source.exists():
            raise Gone(f"the results in {results.folder} are gone: run the journeys again")
        if not results.is_current():
            raise Gone("the journeys were run again meanwhile: start the review again")

    def _sync(self) -> None:
        """Take up what another process, or an earlier start, has decided."""
        found = signature_of(self.results.folder / DECISIONS)
        if found == self._read:
            return
        decisions, revision = read_decisions(self.results.folder, of=self.results.digest)
        known = {name: each for name, each in decisions.items() if name in self.entries}
        for name in known.keys() | self._decisions.keys():
            if known.get(name) != self._decisions.get(name):
                self._changed[name] = revision
        self._decisions, self._revision = known, max(revision, self._revision)
        self._read = found
