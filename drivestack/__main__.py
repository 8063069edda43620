"""``python -m drivestack``."""

import sys

from drivestack.cli.main import main

sys.exit(main())
