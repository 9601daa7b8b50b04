"""`[tool.journeys]`: what is read, and what is refused, in one line that names the file and the key."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from journeys.configuration import Configuration, SampleAccount, Server, read_configuration
from journeys.errors import SetupError, UsageError
from journeys.profile import Identifiers

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
        (SERVER + "[tool.journeys]\nallow_hosts = ['http://a']", "allow_hosts: 'http://a' is no host: write"),
        (
            SERVER + "[tool.journeys]\nallow_hosts = ['a, EXCLUDE *']",
            "allow_hosts: 'a, EXCLUDE *' is no host",
        ),
        (SERVER + "[tool.journeys]\njourney_timeout = 0", "journey_timeout: must be more than 0"),
        (SERVER + "timeout = true", "servers[0].timeout: expected a number, found True"),
        (SERVER + "port = 70000", "servers[0].port: expected a port from 1 to 65535, found 70000"),
        (SERVER + "reuse = 'yes'", "servers[0].reuse: expected true or false"),
        (SERVER + "reuse = true", "servers[0].reuse: needs a port"),
        (SERVER + "readyy = '/'", "servers[0].readyy: unknown key: did you mean ready?"),
        (
            SERVER + "timeout = nan",
            "servers[0].timeout: expected a number of at most 1,000,000,000, found nan",
        ),
        (
            SERVER + "timeout = -inf",
            "servers[0].timeout: expected a number of at most 1,000,000,000, found -inf",
        ),
        (SERVER + f"timeout = 0x{'f' * 5_000}", "servers[0].timeout: expected a number of at most"),
        (SERVER + f"port = 0x{'f' * 5_000}", "65535, found a number of more than 64 bits"),
        (SERVER + f"port = {'1' * 5_000}", "can't be read as TOML: a number in it has"),
        (
            SERVER + f"sample = {'[' * 5_000}",
            "can't be read as TOML: more than 100 levels",
        ),
        (SERVER + r'ready = "/a\u0000"', "servers[0].ready: has the character NUL in it"),
        (SERVER + r'ready = "/a\nb"', r"servers[0].ready: '/a\nb' is no path: it has ASCII letters only"),
        (SERVER + "env = { 'A=B' = 'c' }", "servers[0].env: a variable has a name, without = in it"),
        (SERVER + r'env = { A = "b\u0000" }', "servers[0].env.A: has the character NUL in it"),
        ('[tool.journeys]\n"one\\nline" = 1', r"tool.journeys.'one\nline': unknown key"),
        (f"[tool.journeys]\napp = '{'x' * 200_000}'", "tool.journeys.app: has 200,000 characters, of which"),
        (f"[tool.journeys]\nserver = '{'x' * 200_000}'", "tool.journeys.server: unknown key"),
        (f"[tool.journeys]\npictures = '{'x' * 256}'", "tool.journeys.pictures: 'xxx"),
        (f"[tool.journeys]\npaths = ['e2e', '{'a/' * 600}']", "tool.journeys.paths[1]: 'a/a/"),
        (SERVER * 2, "servers[1].name: 'backend' is there twice"),
        ("[[tool.journeys.sample_accounts]]\nemail = 'a'", "sample_accounts[0].password: is missing"),
    ],
)
def test_what_is_wrong_is_refused_in_one_line(read: Read, tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(SetupError, match=re.escape(complaint)) as refused:
        read(text)
    assert str(refused.value).startswith(f"{tmp_path / 'pyproject.toml'}: ")
    assert len(str(refused.value).splitlines()) == 1
    assert len(str(refused.value)) < 500


def test_a_file_that_begins_with_a_byte_order_mark_is_read(read: Read, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xef\xbb\xbf[tool.journeys]\napp = 'shop'\n")
    assert read_configuration(tmp_path).app == "shop"


@pytest.mark.parametrize("text", ["{person.name}", "{person!r}", "{person:>9999999999}", "{0}", "{", "{who}"])
def test_identifiers_have_no_braces_but_those_for_a_person(text: str) -> None:
    with pytest.raises(SetupError, match=r"post_text: .* has braces other than \{person\}$"):
        Identifiers.from_settings({"post_text": text})
    assert Identifiers.from_settings({"post_text": "{{{person}}}"}).post_text == "{{{person}}}"


def test_the_apps_address_is_kept_as_it_is_and_the_backends_has_no_query() -> None:
    configuration = Configuration(root=Path("/"))
    for address in (
        "http://127.0.0.1:1/?env=staging",
        "http://127.0.0.1:1/index.html",
        "http://127.0.0.1:1/#/",
    ):
        given = configuration.external_addresses(app_url=address, backend_url="http://127.0.0.1:2/")
        assert given == {"app": address, "backend": "http://127.0.0.1:2"}
    with pytest.raises(UsageError, match=r"--backend-url .* has a \? or a #, and paths are put behind it"):
        configuration.external_addresses(backend_url="http://127.0.0.1:2/?env=staging")


def test_addresses_given_stand_for_the_servers_named() -> None:
    configuration = Configuration(root=Path("/"), app="shop", backend="api")
    assert configuration.external_addresses(
        app_url="http://127.0.0.1:1/", backend_url="https://api.example/v1"
    ) == {
        "shop": "http://127.0.0.1:1",
        "api": "https://api.example/v1",
    }
    assert configuration.external_addresses(backend_url="http://[::1]:8000") == {"api": "http://[::1]:8000"}
    assert configuration.external_addresses() == {}


@pytest.mark.parametrize(
    "text", ["localhost:8000", "127.0.0.1", "ftp://x", "http://", "http://x:port", "http://x:0"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"--backend-url .* is no address: write it like http://"):
        Configuration(root=Path("/")).external_addresses(backend_url=text)


def test_an_app_that_runs_elsewhere_needs_the_backend_it_talks_to(read: Read) -> None:
    with pytest.raises(UsageError, match="--app-url needs --backend-url"):
        read(SERVER).external_addresses(app_url="http://127.0.0.1:1")
    without_a_backend = read("[tool.journeys]\n")
    assert without_a_backend.external_addresses(app_url="http://127.0.0.1:1") == {"app": "http://127.0.0.1:1"}
