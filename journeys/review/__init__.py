"""The review of screens that differ from their baselines: a local page, and the same as files."""
