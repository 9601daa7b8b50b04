"""Reads `[tool.journeys]` of the nearest pyproject.toml: what has to run, and where the journeys are.

    [tool.journeys]
    app = "app"                          # the server that is the Flutter app
    backend = "backend"                  # the server the journeys reach over HTTP
    targets = ["web"]                    # what `--target` may name
    paths = ["e2e"]                      # what pytest runs when no path is given
    pictures = "faces"                   # a folder of photographs to upload; else they are painted
    baselines = "e2e/baselines"          # where the baselines of screens are kept
    plan = "e2e/TEST_PLAN.md"            # the test plan that `journeys plan` reads
    chaos = ["chaos"]                    # what `journeys chaos` runs
    data = "kit.data:FORMAT"             # what says what test data is (`journeys data`)
    journey_timeout = 300                # how many seconds a journey may take
    allow_hosts = ["fonts.example.com"]  # what the app on the web may reach besides this host

    [[tool.journeys.servers]]
    name = "backend"
    command = ["{python}", "-m", "app_backend", "--port", "{port}"]
    env = {}                             # added to the environment
    ready = "/readyz"                    # ready once this path answers 2xx or 3xx ...
    timeout = 60                         # ... within so many seconds
    port = 8000                          # left out: any free one
    reuse = false                        # with a port: use what answers there already instead of starting
    sample = ["--seed-sample"]           # arguments added when a person looks around (`journeys app`)
    chaos = { FAULTS = "1" }             # added to the environment by `journeys chaos`

    [[tool.journeys.sample_accounts]]    # shown by `journeys app`
    email = "ada@example.test"
    password = "..."

    [tool.journeys.identifiers]          # names for a kit to look up: what the app calls its places
    header_avatar = "my-avatar"

In `command` and `env`, `{python}` is this interpreter, `{port}` the server's own port, `{NAME.url}` the
address of another server, and `{data}` a folder for its data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flutter_bridge import is_server_address, is_web_address
from journeys.documents import quote_value
from journeys.errors import SetupError, UsageError, name_nearest
from journeys.toml_file import FilePath, Port, TablePlace, read_table, read_toml

# A `$` before the brace is the shell's own variable, not ours.
_HOST = re.compile(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9-]*\.?[A-Za-z0-9])*")
DATA = "data"
"""What stands for a folder that a server keeps its data in: it outlives the server, not the run."""

PLACEHOLDER = re.compile(r"(?<!\$)\{([a-z][a-z0-9_.-]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One server to start: the command, and how to see that it serves."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: str = "/"
    timeout: float = 60.0
    port: Port | None = None
    reuse: bool = False
    sample: tuple[str, ...] = ()
    chaos: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleAccount:
    """A sign-in that exists when the servers were started with their sample data."""

    email: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The configuration of one project, checked; `root` is the folder it was found in."""

    root: Path
    app: str = "app"
    backend: str = "backend"
    targets: tuple[str, ...] = ("web",)
    paths: tuple[FilePath, ...] = ("e2e",)
    pictures: Path | None = None
    baselines: Path | None = None
    plan: FilePath = "e2e/TEST_PLAN.md"
    chaos: tuple[FilePath, ...] = ()
    data: str | None = None
    journey_timeout: float = 300.0
    allow_hosts: tuple[str, ...] = ()
    servers: tuple[Server, ...] = ()
    sample_accounts: tuple[SampleAccount, ...] = ()
    identifiers: Mapping[str, str] = field(default_factory=dict)

    @property
    def baselines_folder(self) -> Path:
        """Where the baselines of screens are kept, there yet or not."""
        return self.baselines or self.root / "e2e" / "baselines"

    def external_addresses(
        self, *, app_url: str | None = None, backend_url: str | None = None
    ) -> dict[str, str]:
        """Map the addresses of servers that run elsewhere to the names of the servers they stand for."""
        if app_url and not backend_url and any(server.name == self.backend for server in self.servers):
            raise UsageError(
                "--app-url needs --backend-url: the app given talks to a backend of its own, name that one"
            )
        addresses = {}
        if app_url:
            addresses[self.app] = _address(app_url, "--app-url")
        if backend_url:
            addresses[self.backend] = _address(backend_url, "--backend-url", of_server=True)
        return addresses


def read_configuration(start: Path) -> Configuration:
    """Read the nearest `[tool.journeys]` at or above a folder, or give the defaults for that folder."""
    start = start.resolve()
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if not file.is_file():
            continue
        tool = read_toml(file).get("tool", {})
        if isinstance(tool, dict) and "journeys" in tool:
            place = TablePlace(file, "tool.journeys")
            configuration = read_table(tool["journeys"], Configuration, place, root=folder)
            if configuration.journey_timeout <= 0:
                raise place.error("journey_timeout", "must be more than 0 seconds")
            for host in configuration.allow_hosts:
                if not _HOST.fullmatch(host):
                    raise place.error(
                        "allow_hosts",
                        f"{quote_value(host)} is no host: write cdn.example.com, or *.example.com",
                    )
            _check_servers(configuration.servers, file)
            return configuration
    return Configuration(root=start)


def _check_servers(servers: tuple[Server, ...], file: Path) -> None:
    names = [server.name for server in servers]
    known = {"python", "port", DATA, *(f"{name}.url" for name in names)}
    for index, server in enumerate(servers):
        place = TablePlace(file, f"tool.journeys.servers[{index}]")
        _check_server(server, place)
        if server.name in names[:index]:
            raise place.error("name", f"{server.name!r:.80} is there twice")
        for part in (*server.command, *server.sample, *server.env.values(), *server.chaos.values()):
            for placeholder in PLACEHOLDER.findall(part):
                if placeholder not in known:
                    raise SetupError(
                        f"{file}: {place.name}: unknown {{{placeholder}}} in {part!r:.80}: "
                        f"{name_nearest(placeholder, known)}"
                    )


def _check_server(server: Server, place: TablePlace) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", server.name):
        raise place.error("name", f"{server.name!r:.80} is no name: small letters, digits, - and _ only")
    if not server.command:
        raise place.error("command", "is empty")
    if any(not name or "=" in name for name in server.env):
        raise place.error("env", "a variable has a name, without = in it")
    if not server.ready.startswith("/"):
        raise place.error("ready", f"{server.ready!r:.80} is no path: it starts with /")
    if not re.fullmatch("/[!-~]*", server.ready):
        raise place.error(
            "ready", f"{quote_value(server.ready)} is no path: it has ASCII letters only, no spaces"
        )
    if server.timeout <= 0:
        raise place.error("timeout", "must be more than 0 seconds")
    if server.port is None and not any("{port}" in part for part in (*server.command, *server.env.values())):
        raise place.error("command", "says nowhere which {port} to serve on: put it in, or set a port")
    if server.reuse and server.port is None:
        raise place.error("reuse", "needs a port: a server on any free port can't be there already")


def _address(text: str, option: str, *, of_server: bool = False) -> str:
    if not is_web_address(text):
        raise UsageError(f"{option} {text!r:.80} is no address: write it like http://127.0.0.1:8000")
    if of_server and not is_server_address(text):
        raise UsageError(f"{option} {text!r:.80} has a ? or a #, and paths are put behind it: leave that out")
    return text.rstrip("/") if is_server_address(text) else text
