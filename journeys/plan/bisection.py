"""Finds which test before breaks which test after, in about log2(n) runs of pytest.

A test that fails in some order and passes by itself fails for what tests before it left behind: in
fixtures, modules, a database, a cache, the environment. Every run is a process of its own, which is given the
ids of the tests to run, in their order, the failing one last.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from journeys.errors import InfrastructureError, UsageError, name_nearest
from journeys.plan.sessions import PytestRunner, Session
from journeys.timeline import format_count

_T = TypeVar("_T")

Cause = Literal["tests", "import", "itself", "unknown"]
"""What breaks a test: tests before it, files that need only be imported, itself, or nothing found."""

MOST_VICTIMS: Final = 5
"""How many failing tests are looked into, where none is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Why one test fails: `by` are the tests that break it, in the order they run, or the files."""

    victim: str
    cause: Cause
    by: tuple[str, ...]
    runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bisection:
    """What was found in one order, in which `tests` ran; `runs` of pytest were needed, one for the order."""

    seed: int | None
    tests: int
    findings: tuple[Finding, ...]
    unseen: tuple[str, ...]
    """Tests that fail and were not looked into."""
    runs: int


async def bisect(
    runner: PytestRunner,
    paths: Sequence[str],
    *,
    seed: int | None,
    victim: str | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Bisection:
    """Run the tests of some paths in the order of a seed, and find what breaks those that fail.

    Without a seed it is the files' own order. Raises `JourneysError` where the tests can't be run.
    """
    whole = await runner.run("bisect", paths, seed=seed)
    say(f"run 1: all {len(whole.collected)} tests in order: {len(whole.failures)} failed")
    if whole.problems:
        raise UsageError(f"the tests can't be bisected: {whole.problems[0]}")
    failing = [test.id for test in whole.failures]
    if victim is not None:
        known = [test.id for test in whole.collected]
        if victim not in known:
            raise UsageError(f"no test is called {victim}: {name_nearest(victim, known)}")
        failing = [name for name in failing if name == victim]
    search = _Search(runner, whole, say)
    findings: list[Finding] = []
    for name in failing[:MOST_VICTIMS]:
        findings.append(await search.find(name, findings))
    return Bisection(
        seed=seed,
        tests=len(whole.collected),
        findings=tuple(findings),
        unseen=tuple(failing[MOST_VICTIMS:]),
        runs=search.runs,
    )


async def minimise(
    candidates: Sequence[_T], fails: Callable[[Sequence[_T]], Awaitable[bool]]
) -> list[_T] | None:
    """Return the fewest candidates, in their order, with which it still fails; with none of them it does not.

    None where it doesn't fail with all of them either. The shortest tail that fails begins with one that is
    needed: halving finds it. It is kept, and the next is looked for behind it, until those that were kept are
    enough. Then each is left out once: what mends in between may have made some seem needed.
    """
    outcomes: dict[tuple[int, ...], bool] = {(): False}

    async def try_with(chosen: Sequence[int]) -> bool:
        key = tuple(sorted(chosen))
        if key not in outcomes:
            outcomes[key] = await fails([candidates[index] for index in key])
        return outcomes[key]

    needed: list[int] = []
    rest = list(range(len(candidates)))
    while rest:
        low, high = 0, len(rest)
        while high - low > 1:
            middle = (low + high) // 2
            if await try_with([*needed, *rest[middle:]]):
                low = middle
            else:
                high = middle
        first, rest = rest[low], rest[low + 1 :]
        if await try_with([*needed, first]):
            needed.append(first)
            break
        # Nothing has failed yet, so that the first tail was all of them, of which that was only assumed.
        if not any(outcomes.values()) and not await try_with(range(len(candidates))):
            return None
        needed.append(first)
    else:
        return None
    return [candidates[index] for index in await _without_needless(sorted(needed), try_with)]


async def _without_needless(
    needed: list[int], fails: Callable[[Sequence[int]], Awaitable[bool]]
) -> list[int]:
    """Return what is left once none can be left out."""
    for index in needed:
        others = [each for each in needed if each != index]
        if await fails(others):
            return await _without_needless(others, fails)
    return needed


class _Search:
    """Looks for what breaks tests in an order that is known, and counts the runs."""

    def __init__(self, runner: PytestRunner, whole: Session, say: Callable[[str], None]) -> None:
        self._runner = runner
        self._whole = whole
        self._say = say
        self._file_of = {test.id: test.file for test in whole.tests}
        self.runs = 1

    async def find(self, victim: str, before: Sequence[Finding]) -> Finding:
        """Return what breaks a test; what broke others is tried first."""
        begun = self.runs
        cause, by = await self._find(victim, [set(each.by) for each in before if each.cause == "tests"])
        return Finding(victim=victim, cause=cause, by=tuple(by), runs=self.runs - begun)

    async def _find(self, victim: str, known: Sequence[set[str]]) -> tuple[Cause, Sequence[str]]:
        if await self._fails(victim, []):
            return "itself", ()
        order = [test.id for test in self._whole.tests]
        earlier = order[: order.index(victim)]
        for tests in known:
            again = [name for name in earlier if name in tests]
            if again and await self._fails(victim, again):
                return "tests", again
        tests_found = await minimise(earlier, lambda tests: self._fails(victim, tests))
        if tests_found is None:
            # The files of tests that run later are imported before any test runs.
            files = [file for file in self._whole.files if file != self._file_of[victim]]
            files_found = await minimise(files, lambda some: self._fails(victim, [], files=some))
            return ("unknown", ()) if files_found is None else ("import", files_found)
        theirs = {self._file_of[name] for name in tests_found} - {self._file_of[victim]}
        files = [file for file in self._whole.files if file in theirs]
        if files and await self._fails(victim, [], files=files):
            return "import", files
        return "tests", tests_found

    async def _fails(self, victim: str, tests: Sequence[str], files: Sequence[str] = ()) -> bool:
        self.runs += 1
        order = [*tests, victim]
        wanted = {*files, *(self._file_of[name] for name in order)}
        # In the order in which they were collected, for importing them may leave something behind, too.
        paths = [file for file in self._whole.files if file in wanted]
        place = [f"--rootdir={self._whole.rootdir}"]
        place += ["-c", self._whole.inifile] if self._whole.inifile else []
        session = await self._runner.run("bisect", paths, seed=self._whole.seed, order=order, words=place)
        found = next((test for test in session.tests if test.id == victim), None)
        if found is None:
            reason = session.problems[0] if session.problems else "it was not collected"
            raise InfrastructureError(f"{victim} did not run: {reason}: look into {session.log}")
        after = f"after {format_count(len(tests), 'test')}" if tests else "alone"
        beside = f", beside {format_count(len(files), 'file')}" if files else ""
        self._say(f"run {self.runs}: {after}{beside}: {'fails' if found.is_failed else 'passes'}")
        return found.is_failed
