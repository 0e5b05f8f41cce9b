"""``python -m l1ml``, and what the command ``l1ml`` calls.

Worker processes import this module, too, as that of their parent: they need no command line, which comes in when it is called.
"""

from __future__ import annotations

import sys

__all__ = ["command"]

_INTERRUPTED = 130


def command() -> int:
    """Exit status of the command; Ctrl-C while it is still being imported ends it without a traceback."""
    try:
        from l1ml.cli.main import main
    except KeyboardInterrupt:
        return _INTERRUPTED
    return main()


if __name__ == "__main__":
    sys.exit(command())
