"""The command ``l1ml``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import l1ml
from l1ml.cli import (
    compare,
    convert,
    data,
    emulate,
    evaluate,
    export,
    import_model,
    menu,
    report,
    run,
    scan,
    synth,
    train,
    verify,
)
from l1ml.console import run_command

__all__ = ["main"]

_VERBS = (run, data, train, import_model, convert, emulate, verify, export, synth, menu, evaluate, compare, report, scan)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="l1ml",
        description="Machine learning in the Level-1 trigger: train, convert, emulate, decide.",
        epilog="Example: l1ml run models/axo",
    )
    parser.add_argument("--version", action="version", version=f"l1ml {l1ml.__version__}")
    subparsers = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in _VERBS:
        verb.add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns 0 if all is well, 1 on an error of l1ml (one line on stderr), 2 on wrong usage, 130 on Ctrl-C.

    ``l1ml compare`` returns 3 where it raises an alarm.
    """
    return run_command("l1ml", _parser().parse_args(argv))
