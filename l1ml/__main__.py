"""``python -m l1ml``."""

from __future__ import annotations

import sys

if __name__ == "__main__":  # worker processes import this module, too, and need no command line
    from l1ml.cli.main import main

    sys.exit(main())
