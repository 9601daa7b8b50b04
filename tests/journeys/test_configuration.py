"""`[tool.journeys]`: what is read, and what is refused, in one line that names the file and the key."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from journeys.configuration import Configuration, SampleAccount, Server, read_configuration
from journeys.errors import SetupError, UsageError

Read = Callable[[str], Configuration]

SERVER = """
[[tool.journeys.servers]]
name = "backend"
command = ["serve", "{port}"]
"""


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(text: str) -> Configuration:
        (tmp_path / "pyproject.toml").write_text(text)
        return read_configuration(tmp_path)

    return read


def test_everything_it_may_say_is_read(read: Read, tmp_path: Path) -> None:
    configuration = read("""
        [tool.journeys]
        app = "shop"
        backend = "api"
        targets = ["web", "pixel"]
        journeys = ["shop.journeys"]
        paths = ["checks"]
        pictures = "checks/faces"

        [[tool.journeys.servers]]
        name = "api"
        command = ["{python}", "-m", "api", "--port", "{port}"]
        env = { SHOP = "{shop.url}", PRICE = "$${HOME}" }
        ready = "/ready"
        timeout = 5
        port = 8000
        reuse = true
        sample = ["--seed"]

        [[tool.journeys.servers]]
        name = "shop"
        command = ["sh", "-c", "serve {port}"]

        [[tool.journeys.sample_accounts]]
        email = "ada@example.test"
        password = "secret"
    """)
    assert configuration == Configuration(
        root=tmp_path,
        app="shop",
        backend="api",
        targets=("web", "pixel"),
        journeys=("shop.journeys",),
        paths=("checks",),
        pictures=tmp_path / "checks/faces",
        servers=(
            Server(
                name="api",
                command=("{python}", "-m", "api", "--port", "{port}"),
                env={"SHOP": "{shop.url}", "PRICE": "$${HOME}"},
                ready="/ready",
                timeout=5.0,
                port=8000,
                reuse=True,
                sample=("--seed",),
            ),
            Server(name="shop", command=("sh", "-c", "serve {port}")),
        ),
        sample_accounts=(SampleAccount(email="ada@example.test", password="secret"),),
    )


def test_this_project_configures_itself() -> None:
    configuration = read_configuration(Path(__file__))
    assert {configuration.app, configuration.backend} == {each.name for each in configuration.servers}


def test_the_nearest_file_that_has_the_table_counts(read: Read, tmp_path: Path) -> None:
    inner = tmp_path / "package" / "deep"
    inner.mkdir(parents=True)
    (tmp_path / "package" / "pyproject.toml").write_text("[tool.other]\n")
    read('[tool.journeys]\ntargets = ["outer"]\n')
    assert read_configuration(inner).targets == ("outer",)
    assert read_configuration(inner).root == tmp_path


def test_without_a_file_there_are_defaults(tmp_path: Path) -> None:
    assert read_configuration(tmp_path) == Configuration(root=tmp_path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[tool.journeys", "can't be read as TOML"),
        ("[tool]\njourneys = 3", "tool.journeys: expected a table, found 3"),
        ("[tool.journeys]\ntarget = 'web'", "tool.journeys.target: unknown key: did you mean targets?"),
        (
            "[tool.journeys]\ntargets = 'web'",
            "tool.journeys.targets: expected a list of strings, found 'web'",
        ),
        ("[tool.journeys]\ntargets = ['web', 1]", "tool.journeys.targets: expected a list of strings"),
        ("[tool.journeys]\napp = ''", "tool.journeys.app: expected a string, found ''"),
        ("[tool.journeys]\nservers = {}", "tool.journeys.servers: expected a list of tables, found a table"),
        ("[tool.journeys]\nservers = ['x']", r"tool.journeys.servers[0]: expected a table, found 'x'"),
        ("[[tool.journeys.servers]]\nname = 'x'", r"tool.journeys.servers[0].command: is missing"),
        ("[[tool.journeys.servers]]\nname = 'x'\ncommand = []", r"servers[0].command: is empty"),
        (
            "[[tool.journeys.servers]]\nname = 'x'\ncommand = ['serve']",
            "servers[0].command: says nowhere which {port}",
        ),
        (SERVER.replace("backend", "The Backend"), "servers[0].name: 'The Backend' is no name"),
        (SERVER.replace("{port}", "{prot}"), "servers[0].command: says nowhere which {port}"),
        (SERVER + "env = { A = '{app.url}' }", "servers[0]: unknown {app.url} in '{app.url}'"),
        (SERVER + "env = { A = 1 }", "servers[0].env: expected a table of strings"),
        (SERVER + "ready = 'ready'", "servers[0].ready: 'ready' is no path"),
        (SERVER + "timeout = 'long'", "servers[0].timeout: expected a number, found 'long'"),
        (SERVER + "timeout = 0", "servers[0].timeout: must be more than 0"),
        (SERVER + "timeout = true", "servers[0].timeout: expected a number, found True"),
        (SERVER + "port = 70000", "servers[0].port: expected a port from 1 to 65535, found 70000"),
        (SERVER + "reuse = 'yes'", "servers[0].reuse: expected true or false"),
        (SERVER + "reuse = true", "servers[0].reuse: needs a port"),
        (SERVER + "readyy = '/'", "servers[0].readyy: unknown key: did you mean ready?"),
        (SERVER * 2, "servers[1].name: 'backend' is there twice"),
        ("[[tool.journeys.sample_accounts]]\nemail = 'a'", "sample_accounts[0].password: is missing"),
    ],
)
def test_what_is_wrong_is_refused_in_one_line(read: Read, tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(SetupError, match=re.escape(complaint)) as refused:
        read(text)
    assert str(refused.value).startswith(f"{tmp_path / 'pyproject.toml'}: ")
    assert "\n" not in str(refused.value)


def test_addresses_given_stand_for_the_servers_named() -> None:
    configuration = Configuration(root=Path("/"), app="shop", backend="api")
    assert configuration.given(app_url="http://127.0.0.1:1/", backend_url="https://api.example/v1") == {
        "shop": "http://127.0.0.1:1",
        "api": "https://api.example/v1",
    }
    assert configuration.given(backend_url="http://[::1]:8000") == {"api": "http://[::1]:8000"}
    assert configuration.given() == {}


@pytest.mark.parametrize(
    "text", ["localhost:8000", "127.0.0.1", "ftp://x", "http://", "http://x:port", "http://x:0"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"--backend-url .* is no address: write it like http://"):
        Configuration(root=Path("/")).given(backend_url=text)


def test_an_app_that_runs_elsewhere_needs_the_backend_it_talks_to(read: Read) -> None:
    with pytest.raises(UsageError, match="--app-url needs --backend-url"):
        read(SERVER).given(app_url="http://127.0.0.1:1")
    without_a_backend = read("[tool.journeys]\n")
    assert without_a_backend.given(app_url="http://127.0.0.1:1") == {"app": "http://127.0.0.1:1"}
