"""Keeps credentials out of everything that leaves a run: console, errors, reports, logs, evidence.

What a process knows to be secret is learnt once (`know`, `know_within`), wherever it comes in: from the
environment, from options, from targets. On the way out there is one redactor: `redact` for a text,
`redact_record` for a record, `redact_streams_within` for what is printed, `redact_files` for what was
written.
"""

from journeys.redaction.credentials import PUT, basic, is_secret_setting, secrets_in, secrets_in_words
from journeys.redaction.process import (
    know,
    know_within,
    learnt_secrets,
    process_redaction,
    redact,
    redact_files,
    redact_record,
    redact_streams,
    redact_streams_within,
    unwrap_stream,
)
from journeys.redaction.redactor import SHORTEST, Redaction

__all__ = [
    "PUT",
    "SHORTEST",
    "Redaction",
    "basic",
    "is_secret_setting",
    "know",
    "know_within",
    "learnt_secrets",
    "process_redaction",
    "redact",
    "redact_files",
    "redact_record",
    "redact_streams",
    "redact_streams_within",
    "secrets_in",
    "secrets_in_words",
    "unwrap_stream",
]
