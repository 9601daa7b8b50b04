"""Worker processes: pictures rendered there, and nobody harmed by one that dies, hangs or bursts."""

from __future__ import annotations

import asyncio
import pickle
import zlib
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest

from app_backend.errors import Crashed, DeadlineExceeded, Overloaded, Problem, TransientFailure
from app_backend.rendering import PictureLimits, Submission, WorkerFault, WorkerRenderer, renditions, workers
from app_backend.rendering.workers import NICEST
from app_backend.settings import Settings
from tests.app_backend.png_parts import END, chunk, header, png
from tests.app_backend.worker_processes import (
    DEADLINE_S,
    MEMORY,
    wait_until_gone,
    workers_of,
)

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture

LIMITS = PictureLimits(max_bytes=10_000_000, max_pixels=40_000_000, min_side=64)
PROMPT_S = 3.0
"""The deadline of a worker, in tests that wait for it."""


class Planned(WorkerRenderer):
    """A renderer whose next pictures go wrong as planned."""

    def __init__(self, **options: Any) -> None:
        self.plan: deque[WorkerFault | None] = deque()
        self._others = workers_of()
        chosen: dict[str, Any] = {
            "workers": 2,
            "deadline_s": PROMPT_S,
            "memory_bytes": MEMORY,
            "pictures_per_worker": 0,
        }
        fault = lambda: self.plan.popleft() if self.plan else None  # noqa: E731 - one line, once
        super().__init__(LIMITS, fault=fault, **chosen | options)

    def workers(self) -> set[psutil.Process]:
        """The worker processes that were started since."""
        return workers_of() - self._others


@asynccontextmanager
async def planned(**options: Any) -> AsyncIterator[Planned]:
    renderer = Planned(**options)
    try:
        yield renderer
    finally:
        await renderer.close()


@pytest.fixture(scope="module")
async def shared() -> AsyncIterator[Planned]:
    async with planned() as renderer:
        yield renderer


@pytest.fixture
def renderer(shared: Planned) -> Planned:
    shared.plan.clear()
    return shared


async def test_they_render_what_a_plain_call_renders(renderer: Planned, picture: MakePicture) -> None:
    assert await renderer.render(Submission.of(picture())) == renditions(picture(), LIMITS)


async def test_a_problem_comes_back_as_it_was_raised(renderer: Planned, picture: MakePicture) -> None:
    with pytest.raises(Problem) as refusal:
        await renderer.render(Submission.of(picture((300, 32))))

    assert refusal.value.status == 422
    assert "each side needs 64" in refusal.value.detail


def test_a_problem_is_whole_after_its_journey() -> None:
    sent = Problem(503, "later", headers={"Retry-After": "3"})

    came = pickle.loads(pickle.dumps(sent))  # noqa: S301 - ours, from the line itself

    assert (came.status, came.detail, came.headers, str(came)) == (503, "later", sent.headers, "later")


async def test_what_is_no_picture_needs_no_worker() -> None:
    renderer = Planned()

    with pytest.raises(Problem, match="no picture"):
        await renderer.render(Submission.of(b"hello"))

    assert not renderer._pool._current


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (WorkerFault.FAIL, TransientFailure),
        (WorkerFault.KILL, TransientFailure),
        (WorkerFault.HANG, DeadlineExceeded),
    ],
)
async def test_what_goes_wrong_with_one_picture_harms_no_other(
    renderer: Planned, picture: MakePicture, fault: WorkerFault, error: type[Exception]
) -> None:
    renderer.plan.extend([None, fault])

    results = await asyncio.gather(
        *(renderer.render(Submission.of(picture())) for _ in range(6)), return_exceptions=True
    )

    assert isinstance(results.pop(1), error)
    assert results == [renditions(picture(), LIMITS)] * 5


async def test_a_worker_that_hangs_is_killed(renderer: Planned, picture: MakePicture) -> None:
    await renderer.render(Submission.of(picture()))
    before = renderer.workers()
    renderer.plan.append(WorkerFault.HANG)

    with pytest.raises(DeadlineExceeded):
        await renderer.render(Submission.of(picture()))

    async with asyncio.timeout(DEADLINE_S):
        while all(each.is_running() for each in before):  # noqa: ASYNC110 - other processes'
            await asyncio.sleep(0.01)


async def test_a_picture_that_works_for_too_long_is_refused_for_what_it_is(
    picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the clock but the processor's time tells: on a busy machine a deadline is over for anything."""
    monkeypatch.setattr(workers, "PROCESSOR_SHARE", 0.02)
    async with planned(workers=1, deadline_s=DEADLINE_S) as renderer:
        renderer.plan.append(WorkerFault.TOIL)

        with pytest.raises(Problem, match="too much work") as refusal:
            await renderer.render(Submission.of(picture()))

        assert refusal.value.status == 422
        assert await renderer.render(Submission.of(picture()))


async def test_a_picture_that_makes_its_worker_crash_is_told_from_a_worker_that_is_killed(
    picture: MakePicture,
) -> None:
    async with planned() as renderer:
        renderer.plan.append(WorkerFault.CRASH)
        with pytest.raises(Crashed, match="SIGSEGV"):
            await renderer.render(Submission.of(picture()))

        # A picture of our own tells whether others can be processed.
        assert await renderer.is_sound()
        for fault in (WorkerFault.FAIL, WorkerFault.KILL, WorkerFault.CRASH):
            renderer.plan.append(fault)
            assert not await renderer.is_sound()
        assert await renderer.is_sound()


async def test_one_persons_slow_pictures_leave_a_worker_for_others(picture: MakePicture) -> None:
    async with planned() as renderer:
        renderer.plan.extend([WorkerFault.HANG] * 3)
        alice = [asyncio.create_task(renderer.render(Submission.of(picture(), "alice"))) for _ in range(3)]
        async with asyncio.timeout(DEADLINE_S):
            while not renderer.waiting_count:  # noqa: ASYNC110 - until the third is in line behind the second
                await asyncio.sleep(0)

        renderer.plan.appendleft(None)
        assert await renderer.render(Submission.of(picture(), "bob"))

        assert not any(task.done() for task in alice)
        for task in alice:
            task.cancel()
        await asyncio.gather(*alice, return_exceptions=True)


async def test_workers_killed_while_idle_are_replaced(renderer: Planned, picture: MakePicture) -> None:
    await renderer.render(Submission.of(picture()))
    before = renderer.workers()
    for worker in before:
        worker.kill()
    await wait_until_gone(before)

    # It may take one picture to find out: a failure that may pass, which is tried again.
    async with asyncio.timeout(DEADLINE_S):
        while True:
            try:
                rendered = await renderer.render(Submission.of(picture()))
                break
            except TransientFailure:
                continue

    assert rendered == renditions(picture(), LIMITS)


async def test_pictures_nobody_waits_for_leave_their_places_in_time(
    renderer: Planned, picture: MakePicture
) -> None:
    renderer.plan.extend([WorkerFault.HANG] * 3)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(PROMPT_S / 10):
                await renderer.render(Submission.of(picture()))

    assert await renderer.render(Submission.of(picture()))


def black(width: int, height: int) -> bytes:
    """A black picture of 16 bits: small as a file, large in memory."""
    rows = zlib.compressobj(1)
    body = b"".join(rows.compress(bytes(1 + width * 2)) for _ in range(height)) + rows.flush()
    return png(header(width, height, 16, 0), chunk(b"IDAT", body), END)


async def test_a_picture_that_needs_too_much_memory_is_refused(picture: MakePicture) -> None:
    async with planned(workers=1, memory_bytes=256 * 1024 * 1024, deadline_s=DEADLINE_S) as small:
        await small.render(Submission.of(picture()))
        before = small.workers()

        with pytest.raises(Problem, match="memory") as refusal:
            await small.render(Submission.of(black(8000, 5000)))

        assert refusal.value.status == 422
        assert await small.render(Submission.of(picture()))
        assert small.workers() == before  # it is none the worse for it


async def test_the_largest_picture_there_may_be_fits_into_a_worker() -> None:
    by_default = Settings()
    async with planned(
        workers=1, memory_bytes=by_default.picture_memory_bytes, deadline_s=DEADLINE_S
    ) as renderer:
        renderer._limits = replace(LIMITS, max_pixels=by_default.max_picture_pixels)
        assert await renderer.render(Submission.of(black(8000, 6250)))


async def test_workers_make_place_for_fresh_ones(picture: MakePicture) -> None:
    async with planned(workers=1, pictures_per_worker=2) as renderer:
        seen = set()
        for _ in range(5):
            assert await renderer.render(Submission.of(picture()))
            seen |= renderer.workers()

    assert len(seen) >= 3
    await wait_until_gone(seen)


async def test_what_would_wait_too_long_is_refused_at_once(picture: MakePicture) -> None:
    async with planned(workers=1, queue_size=2) as renderer:
        results = await asyncio.gather(
            *(renderer.render(Submission.of(picture())) for _ in range(8)), return_exceptions=True
        )

    # Two are inside (one at work, one at hand), two wait.
    assert [type(result) for result in results] == [dict] * 4 + [Overloaded] * 4


async def test_what_is_much_of_one_person_leaves_the_processors_to_others(picture: MakePicture) -> None:
    """Whoever has one under way has the next worked at where nobody else wants to; others don't."""
    async with planned(workers=2) as renderer:
        await renderer.render(Submission.of(picture(), "ada"))
        assert {worker.nice() for worker in renderer.workers()} == {0}

        await asyncio.gather(*(renderer.render(Submission.of(picture(), each)) for each in ("ada", "grace")))
        assert {worker.nice() for worker in renderer.workers()} == {0}

        await asyncio.gather(*(renderer.render(Submission.of(picture(), "ada")) for _ in range(3)))
        assert {worker.nice() for worker in renderer.workers()} == {0, NICEST}
        assert sum(worker.nice() == NICEST for worker in renderer.workers()) == 1


async def test_closing_leaves_no_worker(picture: MakePicture) -> None:
    async with planned() as renderer:
        renderer.plan.append(WorkerFault.HANG)
        at_work, other = (asyncio.create_task(renderer.render(Submission.of(picture()))) for _ in range(2))
        await other
        workers = renderer.workers()
        at_work.cancel()

    assert len(workers) == 2
    await wait_until_gone(workers)
