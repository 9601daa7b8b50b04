"""`journeys app`: start the app and its backend, for a person to click through."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from journeys.cli.conventions import add_addresses
from journeys.configuration import read_configuration
from journeys.errors import SetupError, UsageError
from journeys.run.servers import Servers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys app` takes."""
    add_addresses(parser)


def call(arguments: argparse.Namespace) -> int:
    """Start the servers with their sample data, print the addresses, and wait for Ctrl-C."""
    configuration = read_configuration(Path.cwd())
    external = configuration.external_addresses(app_url=arguments.app_url, backend_url=arguments.backend_url)
    names = [server.name for server in configuration.servers]
    if not names:
        raise SetupError(f"no servers: name them in [tool.journeys.servers] of {configuration.root}")
    if not set(names) - set(external):
        raise UsageError("nothing to start: both the app and the backend are given")
    print(f"starting {' and '.join(name for name in names if name not in external)} ...", flush=True)
    with Servers(configuration, external=external, sample=True) as servers:
        width = max(len(name) for name in [*servers.addresses, "sign in"])
        for name, address in servers.addresses.items():
            print(f"  {name:{width}}  {address}")
        if configuration.backend not in external:
            for account in configuration.sample_accounts:
                print(f"  {'sign in':{width}}  {account.email}  {account.password}")
        print(f"  {'logs':{width}}  {servers.logs}")
        print("Ctrl-C ends them.", flush=True)
        asyncio.run(servers.watch())
