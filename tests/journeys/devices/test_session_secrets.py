"""What a provider says of a session it won't open is told without the credentials it repeats."""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from flutter_bridge import AppUnreachable, NotSetUp
from flutter_bridge.appium import AppiumSession
from journeys.devices.sessions import AppiumStage, DevicePool
from journeys.targets import Target

KEY = "top-secret-key"


def stage(error: AppUnreachable, folder: Path) -> AppiumStage:
    @asynccontextmanager
    async def connect(_: str | None) -> AsyncIterator[AppiumSession]:
        raise error
        yield

    pool = DevicePool("far", (), connect)
    target = Target(name="far", platform="android")
    return AppiumStage(pool, target, name="far", links=None, evidence=folder, transit=0.1)


@pytest.mark.parametrize("kind", [AppUnreachable, NotSetUp])
async def test_a_key_that_comes_back_in_an_error_is_taken_out_of_it(
    kind: type[AppUnreachable], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAUCE_ACCESS_KEY", KEY)
    refused = kind(f'opened no session: {{"accessKey": "{KEY}"}} is not yours')
    with pytest.raises(AppUnreachable) as caught:
        async with stage(refused, tmp_path).open("alice"):
            pass
    assert type(caught.value) is kind
    assert str(caught.value) == 'opened no session: {"accessKey": "[redacted]"} is not yours'
    assert KEY not in "".join(traceback.format_exception(caught.value))


async def test_an_error_without_a_secret_is_left_as_it_is(tmp_path: Path) -> None:
    refused = AppUnreachable("opened no session: all devices are busy")
    with pytest.raises(AppUnreachable) as caught:
        async with stage(refused, tmp_path).open("alice"):
            pass
    assert caught.value is refused
