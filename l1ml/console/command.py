"""How a program ends: exit status, and one line where something went wrong."""

from __future__ import annotations

import argparse

from l1ml.console.results import tell
from l1ml.errors import L1mlError

__all__ = ["run_command"]

_INTERRUPTED = 130


def run_command(program: str, args: argparse.Namespace) -> int:
    """Call ``args.run(args)`` for `program` and return its exit status.

    An error of l1ml becomes 1 and one line on stderr, or a traceback with ``--debug``; Ctrl-C becomes 130 and one line.
    """
    try:
        code: int = args.run(args)
    except L1mlError as error:
        if args.debug:
            raise
        tell(f"{program}: {type(error).__name__}: {error}")
        return 1
    except KeyboardInterrupt:
        tell(f"{program}: interrupted; nothing is half-written, and the same command goes on from what is finished")
        return _INTERRUPTED
    return code
