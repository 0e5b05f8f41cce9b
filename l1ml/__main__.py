"""``python -m l1ml``."""

from __future__ import annotations

import sys

from l1ml.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
