"""What `journeys load` does, imported once its command line is right."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import ExitStack
from pathlib import Path

import msgspec

from journeys.cli.conventions import FAILED, PASSED
from journeys.configuration import Configuration, read_configuration
from journeys.documents import write_atomically
from journeys.errors import SetupError, UsageError
from journeys.load import (
    LoadOptions,
    LoadResult,
    compare,
    load_workload,
    read_baseline,
    require_allowed,
    run_load,
    write_baseline,
    write_load_page,
)
from journeys.output import resolve_output
from journeys.run.servers import Servers

RESULT, PAGE = "load.json", "load.html"


def run(arguments: argparse.Namespace) -> int:
    """Put the load on, write the results, and return the exit code."""
    configuration = read_configuration(Path.cwd())
    if arguments.url is not None:
        require_allowed(arguments.url, configuration.allow_hosts)
    workload = load_workload(arguments.scenario)
    output = resolve_output(arguments.output)
    compares = arguments.baseline is not None and not arguments.update_baseline
    baseline = read_baseline(arguments.baseline) if compares else None
    with ExitStack() as opened:
        url, app_url = _addresses(arguments, configuration, opened)
        options = LoadOptions(
            scenario=arguments.scenario,
            workload=workload,
            url=url.rstrip("/"),
            app_url=app_url,
            people=arguments.people,
            steps=arguments.steps,
            seconds=arguments.minutes * 60,
            joining_per_second=arguments.joining,
            watch=arguments.watch or workload.watch,
            watchers=arguments.watchers,
            soak=arguments.soak,
            output=output,
            root=configuration.root,
            seed=arguments.seed,
        )
        _check_watch(options, arguments)
        print(f"load on {options.url}: up to {options.people} people", flush=True)
        result = asyncio.run(run_load(options, say=lambda line: print(f"  {line}", flush=True)))
    if baseline is not None:
        result = msgspec.structs.replace(result, baseline=compare(result, baseline))
    _write(output, result)
    if arguments.update_baseline:
        write_baseline(arguments.baseline, result)
    return _report(result, output)


def _addresses(
    arguments: argparse.Namespace, configuration: Configuration, opened: ExitStack
) -> tuple[str, str | None]:
    """Return where the backend and the app are; what isn't given is started."""
    if arguments.url is not None:
        return arguments.url, arguments.app_url
    if arguments.app_url is not None:
        raise UsageError("--app-url needs --url: the app given talks to a backend of its own, name that one")
    if not configuration.servers:
        raise SetupError("nothing to put load on: give --url, or name servers in [tool.journeys.servers]")
    servers = opened.enter_context(Servers(configuration))
    url = servers.addresses.get(configuration.backend)
    if url is None:
        raise UsageError(f"no server is called {configuration.backend!r}: give the backend with --url")
    return url, servers.addresses.get(configuration.app)


def _check_watch(options: LoadOptions, arguments: argparse.Namespace) -> None:
    wants = arguments.watch is not None or bool(arguments.watchers)
    if wants and options.app_url is None:
        raise UsageError("--watch and --watchers need --app-url: the app that people look at")
    if wants and options.watch is None:
        raise UsageError("--watchers needs --watch JOURNEY: the workload names none (see journeys list)")


def _write(output: Path, result: LoadResult) -> None:
    output.mkdir(parents=True, exist_ok=True)
    write_atomically(output / RESULT, msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    write_load_page(output / PAGE, result)


def _report(result: LoadResult, output: Path) -> int:
    held = "nobody was held" if result.people_held is None else f"{result.people_held} people were held"
    print(f"{result.verdict}: {held}; what holds back: {result.bottleneck} ({result.bottleneck_reason})")
    if result.ratio is not None:
        print(f"{result.ratio_of}: {result.ratio.low:.2f}–{result.ratio.interval.high:.2f} × the reference")
    for figure in result.soak:
        slope = figure.slope_per_hour
        text = "" if slope is None else f", {slope[0]:+g} to {slope[1]:+g} an hour"
        print(f"  {figure.name}: {figure.verdict}{text}")
    if result.baseline is not None:
        print(f"baseline: {result.baseline.verdict}, {result.baseline.reason}")
    print(f"page: {output / PAGE}")
    is_sound = result.baseline is None or result.baseline.verdict == "passed"
    grows = any(figure.verdict == "grows" for figure in result.soak)
    return PASSED if result.verdict == "passed" and is_sound and not grows else FAILED
