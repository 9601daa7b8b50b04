"""Reads targets that providers have the devices of, and runs servers that answer like providers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from journeys.configuration import Configuration
from journeys.devices.providers import PROVIDERS
from journeys.targets import Target, read_targets
from tests.journeys.devices.providers.far_target import ACCOUNTS, Read, Serve
from tests.journeys.devices.providers.provider_server import ProviderServer


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Return what reads a target `far` from some lines of TOML, with accounts in the environment."""
    for name in {each for provider in PROVIDERS.values() for each in provider.variables}:
        monkeypatch.delenv(name, raising=False)
    for name, value in ACCOUNTS.items():
        monkeypatch.setenv(name, value)

    def read(lines: str) -> Target:
        (tmp_path / "targets.toml").write_text(f'[targets.far]\nplatform = "android"\n{lines}')
        return read_targets(Configuration(root=tmp_path, targets=()), providers=lambda: PROVIDERS).find("far")

    return read


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return what runs a provider's server for the length of the test."""
    with ExitStack() as running:
        yield lambda *words, **how: running.enter_context(ProviderServer(*words, **how).running())
