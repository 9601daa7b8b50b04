"""What a reader is to the mutations: a sound document, how it is read, and the errors that are its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.mutations.mutator import Kind, mutations

Read = Callable[[bytes], object]

_LONGEST_MESSAGE = 2_000


@dataclass(frozen=True)
class Reader:
    """One reader: `prepare` makes what it needs in an empty folder, and gives what reads a document."""

    name: str
    kind: Kind
    samples: tuple[bytes, ...]
    prepare: Callable[[Path], Read]
    refuses: tuple[type[Exception], ...]


@dataclass
class Tally:
    """What a reader made of its mutations; `unexpected` has a few of them, with what came of each."""

    accepted: int = 0
    refused: int = 0
    unexpected: int = 0
    examples: list[tuple[bytes, str]] = field(default_factory=list)

    @property
    def mutations(self) -> int:
        return self.accepted + self.refused + self.unexpected


def try_mutations(reader: Reader, folder: Path, *, count: int, seed: int) -> Tally:
    """Have a reader read so many mutations: its own errors are one line, and no others come."""
    read, tally = reader.prepare(folder), Tally()
    each = -(-count // len(reader.samples))
    for sample in reader.samples:
        read(sample)  # which is sound
        for document in mutations(sample, reader.kind, count=each, seed=seed):
            try:
                read(document)
            except reader.refuses as error:
                problem = _problem_of(str(error))
                if problem is None:
                    tally.refused += 1
                    continue
                outcome = f"{type(error).__name__} {problem}: {str(error)[:300]!r}"
            except Exception as error:  # noqa: BLE001 - that is what is looked for
                outcome = f"{type(error).__name__}: {str(error)[:300]} {_where(error)}"
            else:
                tally.accepted += 1
                continue
            tally.unexpected += 1
            if len(tally.examples) < 20:
                tally.examples.append((document[:500], outcome))
    return tally


def message_of(error: Exception) -> str:
    """Return the message of a reader's own error, where that is an answer, too; it has to be one line."""
    problem = _problem_of(str(error))
    if problem is not None:
        raise AssertionError(f"{type(error).__name__} {problem}: {str(error)[:300]!r}")
    return str(error)


def _problem_of(message: str) -> str | None:
    if not message.strip():
        return "says nothing"
    if len(message.splitlines()) > 1:
        return "has several lines"
    return f"has {len(message)} characters" if len(message) > _LONGEST_MESSAGE else None


def _where(error: BaseException) -> str:
    trace, places = error.__traceback__, []
    while trace is not None:
        places.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(places[-5:])
