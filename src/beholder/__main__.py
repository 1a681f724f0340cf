"""`python -m beholder` is the command line."""

import sys

from beholder.cli import main

sys.exit(main())
