"""The nightly job: journeys on many devices at once, what became of them, and what has changed since."""
