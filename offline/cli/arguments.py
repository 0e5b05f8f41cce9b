"""Arguments that verbs share."""

from __future__ import annotations

import argparse
from typing import Any

__all__ = ["Subparsers", "add_verb", "add_workers"]

Subparsers = Any
"""What ``ArgumentParser.add_subparsers`` returns; argparse keeps the class private."""


def add_verb(subparsers: Subparsers, name: str, text: str) -> argparse.ArgumentParser:
    """Parser of one verb, with the arguments that all have."""
    parser: argparse.ArgumentParser = subparsers.add_parser(name, help=text, description=text)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verbs that make replicas."""
    parser.add_argument(
        "--workers", type=int, default=1, help="processes on this machine; the result is the same with any number"
    )
    text = "use the workers of this Dask cluster instead, such as tcp://10.0.0.1:8786; they must see the result's folder"
    parser.add_argument("--scheduler", metavar="ADDRESS", help=text)
