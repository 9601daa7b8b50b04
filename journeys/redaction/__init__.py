"""Keeps credentials out of everything that leaves a run: console, errors, reports, logs, evidence.

What a process knows to be secret is learnt once (`know`, `known_secrets`), wherever it comes in: from the
environment, from options, from targets. On the way out there is one redactor: `redacted` for a text,
`redacted_deeply` for a record, `redacted_streams` for what is printed, `redact_files` for what was written.
"""

from journeys.redaction.credentials import PUT, basic, secrets_in, secrets_in_words
from journeys.redaction.process import (
    bare,
    know,
    known_secrets,
    learnt_secrets,
    process_redaction,
    redact_files,
    redact_streams,
    redacted,
    redacted_deeply,
    redacted_streams,
)
from journeys.redaction.redactor import SHORTEST, Redaction

__all__ = [
    "PUT",
    "SHORTEST",
    "Redaction",
    "bare",
    "basic",
    "know",
    "known_secrets",
    "learnt_secrets",
    "process_redaction",
    "redact_files",
    "redact_streams",
    "redacted",
    "redacted_deeply",
    "redacted_streams",
    "secrets_in",
    "secrets_in_words",
]
