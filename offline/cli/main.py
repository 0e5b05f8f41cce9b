"""The command ``l1ml-offline``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import l1ml
from l1ml.console import run_command
from offline.cli import calo, infer, unfold

__all__ = ["main"]

_ROOMS = (unfold, calo, infer)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="l1ml-offline",
        description="Offline analysis on the event files of l1ml.",
        epilog="Example: l1ml-offline unfold run unfold.toml",
    )
    parser.add_argument("--version", action="version", version=f"l1ml {l1ml.__version__}")
    subparsers = parser.add_subparsers(dest="room", required=True, metavar="ROOM")
    for room in _ROOMS:
        room.add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns 0 if all is well, 1 on an error of l1ml (one line on stderr), 2 on wrong usage, 130 on Ctrl-C."""
    return run_command("l1ml-offline", _parser().parse_args(argv))
