"""The command ``l1ml``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

import l1ml
from l1ml.console import run_command

__all__ = ["main"]

_VERBS = {
    "run": "run",
    "data": "data",
    "train": "train",
    "import": "import_model",
    "convert": "convert",
    "emulate": "emulate",
    "verify": "verify",
    "export": "export",
    "synth": "synth",
    "menu": "menu",
    "evaluate": "evaluate",
    "compare": "compare",
    "report": "report",
    "scan": "scan",
    "seeds": "seeds",
    "leaderboard": "leaderboard",
    "graph": "graph",
    "online": "online",
}
"""Module of each verb."""


def _parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    """Parser of the verb that `argv` names, without the time that others take to import; of all where it names none."""
    parser = argparse.ArgumentParser(
        prog="l1ml",
        description="Machine learning in the Level-1 trigger: train, convert, emulate, decide.",
        epilog="Example: l1ml run models/axo",
    )
    parser.add_argument("--version", action="version", version=f"l1ml {l1ml.__version__}")
    subparsers = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in argv[:1] if argv and argv[0] in _VERBS else _VERBS:
        import_module(f"l1ml.cli.{_VERBS[verb]}").add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns 0 if all is well, 1 on an error of l1ml (one line on stderr), 2 on wrong usage, 130 on Ctrl-C.

    ``l1ml compare`` returns 3 where it raises an alarm.
    """
    given = sys.argv[1:] if argv is None else argv
    return run_command("l1ml", _parser(given).parse_args(given))
