"""Free ports: not those that outgoing connections are given, and no port twice."""

from __future__ import annotations

import asyncio
import socket

import pytest

from local_server import free_port, listen
from local_server.ports import PORTS


def test_a_free_port_can_be_listened_on_and_is_none_that_is_given_to_connections() -> None:
    port = free_port()
    assert port in PORTS
    with socket.create_server(("127.0.0.1", port)):
        assert max(PORTS) < 32_768


def test_one_that_is_taken_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    taken, free = free_port(), free_port()
    monkeypatch.setattr("local_server.ports.PORTS", [taken, free])
    with socket.create_server(("127.0.0.1", taken)):
        assert {free_port() for _ in range(20)} == {free}


def test_where_all_others_are_refused_the_system_is_asked() -> None:
    assert free_port(but=PORTS) not in PORTS


async def test_what_is_sent_in_two_parts_does_not_wait_for_an_acknowledgement() -> None:
    accepted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        accepted.set_result(bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
        writer.close()

    async with await asyncio.start_server(connected, sock=listen()) as server:
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        assert await accepted
        writer.close()


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_is_none_is_an_error_of_the_system(port: int) -> None:
    with pytest.raises(OSError, match="0-65535"):
        listen(port)
