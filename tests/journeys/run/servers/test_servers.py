"""Servers are started together, waited for, watched, and gone afterwards: with real processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from journeys.configuration import Configuration, Server
from journeys.errors import InfrastructureError, SetupError
from journeys.run.servers import Servers, free_ports

MakeServer = Callable[..., Server]
Project = Callable[..., Configuration]
Eventually = Callable[[Callable[[], bool]], None]


def ask(url: str) -> str:
    return httpx.get(url, timeout=5).text


def refuses(address: str) -> bool:
    try:
        httpx.get(address, timeout=5)
    except httpx.ConnectError:
        return True
    return False


@contextmanager
def somebody_listening() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as somebody:  # answers 501 to whatever is asked
        answering = threading.Thread(target=somebody.serve_forever, args=(0.05,))
        answering.start()
        yield somebody.server_port
        somebody.shutdown()
        answering.join()


def test_they_serve_in_the_scope_and_are_gone_after_it(server: MakeServer, project: Project) -> None:
    with Servers(project(server("backend"), server("app"))) as servers:
        addresses = dict(servers.addresses)
        pids = [int(ask(f"{address}/pid")) for address in addresses.values()]
        servers.check()
    assert set(addresses) == {"backend", "app"}
    for pid, address in zip(pids, addresses.values(), strict=True):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert refuses(address)


def test_one_may_be_told_the_address_of_another(server: MakeServer, project: Project) -> None:
    app = server("app", "--backend", "{backend.url}")
    with Servers(project(app, server("backend"))) as servers:
        assert ask(servers.addresses["app"]) == f"--backend {servers.addresses['backend']}"


def test_sample_data_is_asked_for_when_a_person_looks_around(server: MakeServer, project: Project) -> None:
    configuration = project(server("backend", "plain", sample=("--seed",)))
    with Servers(configuration) as servers:
        assert ask(servers.addresses["backend"]) == "plain"
    with Servers(configuration, sample=True) as servers:
        assert ask(servers.addresses["backend"]) == "plain --seed"


def test_the_environment_is_added_to(server: MakeServer, project: Project, tmp_path: Path) -> None:
    command = ("sh", "-c", f'exec {sys.executable} {tmp_path}/tiny.py {{port}} "$MINE"')
    with Servers(project(server("app", command=command, env={"MINE": "at {port}"}))) as servers:
        address = servers.addresses["app"]
        assert ask(address) == f"at {address.rpartition(':')[2]}"


def test_a_redirection_counts_as_ready(server: MakeServer, project: Project) -> None:
    with Servers(project(server("app", ready="/moved"))) as servers:
        servers.check()


def test_what_they_print_is_kept(server: MakeServer, project: Project, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    with Servers(project(server("backend", "loudly")), logs=logs):
        pass
    assert (logs / "backend.log").read_text() == "serving loudly\n"


def test_an_address_given_takes_the_place_of_a_server(server: MakeServer, project: Project) -> None:
    app = server("app", "{backend.url}")
    with Servers(project(server("backend", "elsewhere"))) as elsewhere:
        address = elsewhere.addresses["backend"]
        # It may be anybody's server, without the path that ours has to tell that it is ready.
        ours = server("backend", "not started", ready="/nowhere")
        with Servers(project(ours, app), external={"backend": address}) as servers:
            assert servers.addresses["backend"] == address
            assert ask(servers.addresses["app"]) == address
        assert ask(address) == "elsewhere"


def test_an_address_given_that_is_broken_or_silent_is_refused(server: MakeServer, project: Project) -> None:
    with Servers(project(server("backend"))) as servers:
        address = servers.addresses["backend"]
        with pytest.raises(
            InfrastructureError, match=rf"the backend at {address} does not answer \(HTTP 503\)"
        ):
            Servers(project(server("backend", ready="/broken")), external={"backend": address}).start()
    with pytest.raises(
        InfrastructureError, match=rf"the backend at {address} does not answer \(connection refused\): is it"
    ):
        Servers(project(server("backend")), external={"backend": address}).start()


def test_one_that_dies_while_starting_takes_the_others_with_it(server: MakeServer, project: Project) -> None:
    servers = Servers(project(server("backend"), server("app", "die")))
    with pytest.raises(InfrastructureError) as died:
        servers.start()
    log = servers.logs / "app.log"
    assert str(died.value) == (
        f"server 'app' ended by itself (exit code 1): first words | port is cursed (log: {log})"
    )
    assert servers.addresses == {}
    servers.check()  # nothing is left that could have died


def test_one_that_never_gets_ready_says_why(server: MakeServer, project: Project) -> None:
    with pytest.raises(
        InfrastructureError,
        match=r"server 'app' was not ready within 0\.5 s \(/broken: HTTP 503\): serving slowly \(log: ",
    ):
        Servers(project(server("app", "slowly", ready="/broken", timeout=0.5))).start()


def test_a_command_that_is_not_there_is_a_matter_of_setup(server: MakeServer, project: Project) -> None:
    with pytest.raises(
        SetupError, match=r"server 'app': can't start 'no-such' \(No such file or directory\)"
    ):
        Servers(project(server("app", command=("no-such", "{port}")))).start()


def test_a_port_in_use_is_said_so(server: MakeServer, project: Project) -> None:
    # Somebody who would even pass for ours.
    with Servers(project(server("app"))) as first:
        port = int(first.addresses["app"].rpartition(":")[2])
        with pytest.raises(
            InfrastructureError, match=f"server 'app': port {port} is in use: end what uses it"
        ):
            Servers(project(server("app", port=port))).start()


def test_what_answers_on_its_port_already_may_be_used(server: MakeServer, project: Project) -> None:
    with Servers(project(server("app", "the first"))) as first:
        port = int(first.addresses["app"].rpartition(":")[2])
        with Servers(project(server("app", "the second", port=port, reuse=True))) as second:
            assert ask(second.addresses["app"]) == "the first"
        assert ask(first.addresses["app"]) == "the first"


def test_a_port_lost_to_somebody_else_is_replaced(
    server: MakeServer, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with somebody_listening() as taken:
        offers = iter([[taken]])
        monkeypatch.setattr(
            "journeys.run.servers.servers.free_ports", lambda wanted: next(offers, None) or free_ports(wanted)
        )
        with Servers(project(server("app", "here"))) as servers:
            assert ask(servers.addresses["app"]) == "here"


def test_one_that_will_not_end_is_killed_with_its_children(
    server: MakeServer,
    project: Project,
    is_running: Callable[[int], bool],
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("journeys.run.servers.servers._GRACE_S", 0.2)
    with Servers(project(server("app", "stubborn"))) as servers:
        pid = int(ask(servers.addresses["app"] + "/pid"))
        found = re.search(r"child is (\d+)", (servers.logs / "app.log").read_text())
        assert found
        child = int(found.group(1))
        assert is_running(child)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    eventually(lambda: not is_running(child))


async def test_one_that_dies_later_is_noticed(server: MakeServer, project: Project) -> None:
    with Servers(project(server("backend"), server("app"))) as servers:
        os.kill(int(ask(servers.addresses["backend"] + "/pid")), signal.SIGKILL)
        with pytest.raises(
            InfrastructureError, match=r"server 'backend' ended by itself \(signal SIGKILL\): serving"
        ):
            await servers.watch()


@pytest.mark.parametrize("kind", ["until-stdin-closes", "never-looks-at-stdin"])
def test_they_end_when_we_are_killed(
    server: MakeServer, tmp_path: Path, eventually: Eventually, kind: str
) -> None:
    server("app")  # writes the script
    program = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from journeys.configuration import Configuration, Server
        from journeys.run.servers import Servers
        command = (sys.executable, {str(tmp_path / "tiny.py")!r}, "{{port}}", {kind!r})
        app = Server(name="app", command=command)
        configuration = Configuration(root=Path({str(tmp_path)!r}), servers=(app,))
        print(Servers(configuration).start()["app"], flush=True)
        sys.stdin.read()
    """)
    with subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as us:
        assert us.stdout
        address = us.stdout.readline().strip()
        assert ask(address) == kind
        us.kill()
    eventually(lambda: refuses(address))


def test_ctrl_c_in_the_very_moment_of_a_start_leaves_nothing_behind(
    server: MakeServer, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Interrupted(subprocess.Popen):  # type: ignore[type-arg]  # it is one of bytes
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            started.append(self)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("journeys.run.servers.process.subprocess.Popen", Interrupted)
    # A worker of pytest-xdist is deaf to it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), Servers(project(server("backend"))):
            pass
    finally:
        signal.signal(signal.SIGINT, before)
    guard, backend = started
    assert guard.poll() == 0
    assert backend.poll() is not None


def test_no_secret_stays_in_its_log_nor_in_its_last_words(
    server: MakeServer, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FARM_TOKEN", "correct horse")
    with Servers(project(server("chatty", "correct", "horse"))) as servers:
        log = servers.logs / "chatty.log"
    assert log.read_text() == "serving [redacted]\n"
    monkeypatch.setenv("FARM_TOKEN", "port is cursed")
    with pytest.raises(InfrastructureError, match=r"first words \| \[redacted\]") as caught:
        Servers(project(server("chatty", "die"))).start()
    assert "cursed" not in str(caught.value)


def test_the_log_that_another_run_has_begun_meanwhile_is_left_alone(
    server: MakeServer, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FARM_TOKEN", "correct horse")
    with Servers(project(server("chatty"))) as servers:
        log = servers.logs / "chatty.log"
        log.unlink()
        theirs = log.open("w")
        theirs.write("correct ")
        theirs.flush()
    theirs.write("horse")
    theirs.close()
    assert log.read_text() == "correct horse"
