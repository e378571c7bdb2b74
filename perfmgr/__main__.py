"""``python -m perfmgr``: the shell door."""

import sys

from perfmgr.cli import main

sys.exit(main())
