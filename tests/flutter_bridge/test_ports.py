"""Free ports: not those that outgoing connections are given, and no port twice."""

from __future__ import annotations

import socket

import pytest

from flutter_bridge.ports import PORTS, free_port


def test_a_free_port_can_be_listened_on_and_is_none_that_is_given_to_connections() -> None:
    port = free_port()
    assert port in PORTS
    with socket.create_server(("127.0.0.1", port)):
        assert max(PORTS) < 32_768


def test_one_that_is_taken_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    taken, free = free_port(), free_port()
    monkeypatch.setattr("flutter_bridge.ports.PORTS", [taken, free])
    with socket.create_server(("127.0.0.1", taken)):
        assert {free_port() for _ in range(20)} == {free}


def test_where_all_others_are_refused_the_system_is_asked() -> None:
    assert free_port(but=PORTS) not in PORTS
