"""Odd, damaged and hostile files through the real upload route: taken or refused, never our error."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.app_backend.malformed_metadata import METADATA
from tests.app_backend.malformed_pictures import PIXELS

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member

GROUPS = PIXELS | METADATA
PNG = {"Content-Type": "image/png"}
AT_ONCE = 3

ALL_TAKEN = {"orientations"}
"""Groups whose files are sound pictures, with something odd beside them."""

ALL_REFUSED = {"truncated": {"GIF without its last byte", "PNG without its last byte"}}
"""Groups whose files lack what makes a picture, but for a few."""


@pytest.mark.parametrize("group", GROUPS)
async def test_every_file_is_taken_or_refused(ada: Member, picture: MakePicture, group: str) -> None:
    files = list(GROUPS[group]())
    answers: dict[str, int] = {}
    queue = iter(files)

    async def send() -> None:
        for name, content in queue:
            answer = await ada.http.put("/me/avatar", content=content, headers=PNG)
            answers[name] = answer.status_code

    async with asyncio.TaskGroup() as senders:
        for _ in range(AT_ONCE):
            senders.create_task(send())

    assert len(answers) == len(files)
    wrong = {name: status for name, status in answers.items() if status not in {200, 413, 415, 422}}
    assert not wrong
    if group in ALL_TAKEN:
        assert set(answers.values()) == {200}
    if group in ALL_REFUSED:
        assert {name for name, status in answers.items() if status == 200} == ALL_REFUSED[group]
    # The workers are as well as before.
    assert (await ada.http.put("/me/avatar", content=picture(), headers=PNG)).status_code == 200


def test_they_are_many_and_each_is_another_one() -> None:
    files = [file for group in GROUPS.values() for file in group()]

    assert len(files) >= 400
    assert not [name for name, times in Counter(name for name, _ in files).items() if times > 1]
    assert [file for group in GROUPS.values() for file in group()] == files
