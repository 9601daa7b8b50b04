"""Keeps credentials out of everything that leaves a run: console, errors, reports, logs, evidence.

What a process knows to be secret is learnt once (`know`, `known_secrets`), wherever it comes in: from the
environment, from options, from targets. On the way out there is one redactor: `redacted` for a text,
`redacted_deeply` for a record, `redacted_streams` for what is printed, `redact_files` for what was written.
"""

from journeys.redaction.known import (
    know,
    known_secrets,
    process_redaction,
    redact_files,
    redacted,
    redacted_deeply,
)
from journeys.redaction.patterns import PUT
from journeys.redaction.redaction import SHORTEST, Redaction
from journeys.redaction.sources import basic, secrets_in, secrets_in_words
from journeys.redaction.streams import bare, redact_streams, redacted_streams

__all__ = [
    "PUT",
    "SHORTEST",
    "Redaction",
    "bare",
    "basic",
    "know",
    "known_secrets",
    "process_redaction",
    "redact_files",
    "redact_streams",
    "redacted",
    "redacted_deeply",
    "redacted_streams",
    "secrets_in",
    "secrets_in_words",
]
