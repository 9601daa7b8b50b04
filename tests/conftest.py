"""pytest's own way to try plugins out: it has to be asked for at the top."""

pytest_plugins = ["pytester"]
