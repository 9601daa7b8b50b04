"""`python -m journeys.cli` is the `journeys` command."""

import sys

from journeys.cli.command import main

sys.exit(main())
