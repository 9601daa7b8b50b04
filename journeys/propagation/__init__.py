"""How long a change takes to be seen: probe, interval and verdict."""
