"""``python -m drivestack``."""

import sys

from drivestack.cli.main import program

sys.exit(program())
