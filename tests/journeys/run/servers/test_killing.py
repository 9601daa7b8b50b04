"""A server that is killed on purpose is gone for a while, and comes back where it was, with its data."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from journeys.errors import InfrastructureError, UsageError
from journeys.run.servers import Servers
from tests.journeys.run.servers.conftest import MakeServer, Project


def ask(address: str, path: str = "/pid") -> str:
    return httpx.get(address + path, trust_env=False).text


def texts_in(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.glob("*.log")}


def folder_of(address: str) -> Path:
    """Return the folder that a server says it was given."""
    return Path(ask(address, "/"))


async def test_it_is_gone_in_the_scope_and_another_process_is_there_after_it(
    server: MakeServer, project: Project
) -> None:
    with Servers(project(server("backend"), server("app"))) as servers:
        address, before = servers.addresses["backend"], ask(servers.addresses["backend"])

        async with servers.kill("backend"):
            with pytest.raises(httpx.ConnectError):
                ask(address)
            servers.check()  # nobody takes it for one that has died by itself

        assert ask(address) != before
        assert servers.addresses["backend"] == address


async def test_it_is_back_although_the_scope_fails(server: MakeServer, project: Project) -> None:
    with Servers(project(server("backend"))) as servers:
        with pytest.raises(ZeroDivisionError):
            async with servers.kill("backend"):
                _ = 1 / 0

        assert ask(servers.addresses["backend"])


async def test_what_it_prints_after_its_next_start_is_kept_beside_what_it_had_printed(
    server: MakeServer, project: Project, tmp_path: Path
) -> None:
    with Servers(project(server("backend", "words")), logs=tmp_path) as servers:
        for _ in range(2):
            await kill_and_start(servers, "backend")
    assert texts_in(tmp_path) == dict.fromkeys(
        ("backend.log", "backend.2.log", "backend.3.log"), "serving words\n"
    )


def test_its_data_outlives_it_and_not_the_run(server: MakeServer, project: Project) -> None:
    with Servers(project(server("backend", "{data}"), server("other", "{data}"))) as servers:
        folder = folder_of(servers.addresses["backend"])
        folder.mkdir()
        assert folder != folder_of(servers.addresses["other"])

        asyncio.run(kill_and_start(servers, "backend"))

        assert folder.is_dir()
        assert folder_of(servers.addresses["backend"]) == folder
    assert not folder.parent.exists()


async def kill_and_start(servers: Servers, name: str) -> None:
    async with servers.kill(name):
        pass


async def test_one_that_does_not_come_back_is_told(
    server: MakeServer, project: Project, tmp_path: Path
) -> None:
    with (
        Servers(project(server("backend")), logs=tmp_path) as servers,
        pytest.raises(InfrastructureError, match=r"server 'backend' ended by itself .*backend\.2\.log"),
    ):
        async with servers.kill("backend"):
            (tmp_path / "tiny.py").write_text("raise SystemExit('port is cursed')")


@pytest.mark.parametrize("name", ["backend", "bakend"])
async def test_one_that_runs_elsewhere_is_not_killed(server: MakeServer, project: Project, name: str) -> None:
    with (
        Servers(project(server("elsewhere"))) as others,
        Servers(project(server("backend")), external={"backend": others.addresses["elsewhere"]}) as servers,
    ):
        with pytest.raises(
            UsageError, match=f"server '{name}' can't be killed: this process didn't start it"
        ):
            await kill_and_start(servers, name)
        assert ask(others.addresses["elsewhere"])
