"""Arguments that every verb has."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from l1ml.workflow.workspace import Workspace

__all__ = ["Subparsers", "add_crew", "add_generation", "add_verb", "count", "positive", "workspace_of"]

Subparsers = Any
"""What ``ArgumentParser.add_subparsers`` returns; argparse keeps the class private."""


_CONVERSION = ("hls_backend", "io_type", "strategy", "reuse_factor", "rtl_language", "stages", "part", "tool_timeout_s")
"""Options of ``l1ml convert`` and ``l1ml synth`` that stand in for entries of the recipe."""


def count(text: str) -> int:
    """A whole number from 1 on, for argparse."""
    if int(text) < 1:
        msg = f"{text!r} is not 1 or more"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def positive(text: str) -> float:
    """A number above zero, for argparse."""
    value = float(text)
    if not value > 0:
        msg = f"{text!r} is not positive"
        raise argparse.ArgumentTypeError(msg)
    return value


def add_verb(
    subparsers: Subparsers, name: str, text: str, *, model: bool = True, optional: bool = False
) -> argparse.ArgumentParser:
    """Parser of one verb, with the arguments that all have; `model` asks for the folder of a model, `optional` lets it go."""
    parser: argparse.ArgumentParser = subparsers.add_parser(name, help=text, description=text)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    if model:
        count = "?" if optional else None
        parser.add_argument("model", type=Path, nargs=count, help="folder of the model, such as models/axo")
        parser.add_argument("--projects", type=Path, default=Path("hls_projects"), help="where generated projects go")
        parser.add_argument("--force", action="store_true", help="do it again even if nothing has changed")
    return parser


def add_generation(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verbs that generate events."""
    parser.add_argument("--events", type=positive, metavar="FACTOR", help="multiply all sample sizes by this")
    text = "table of the pileup (CSV: mu,crossings or mu,luminosity) in place of that of the recipe"
    parser.add_argument("--pileup-profile", type=Path, metavar="FILE", help=text)
    add_crew(parser)


def add_crew(parser: argparse.ArgumentParser, workers: int | None = None) -> None:
    """Arguments of the verbs whose work is divided into jobs; `workers` is how many there are without a word."""
    default = min(os.cpu_count() or 1, 8) if workers is None else workers
    parser.add_argument("--workers", type=int, default=default, help="processes on this machine")
    text = (
        "use the workers of this Dask cluster instead, such as tcp://10.0.0.1:8786; they must see the files under the same paths"
    )
    parser.add_argument("--scheduler", metavar="ADDRESS", help=text)


def workspace_of(args: argparse.Namespace) -> Workspace:
    """Folders and sizes that the arguments name."""
    from l1ml.workflow.workspace import Workspace

    crew = getattr(args, "workers", 1), getattr(args, "events", None), getattr(args, "scheduler", None)
    chosen = {name: getattr(args, name, None) for name in _CONVERSION}
    conversion = {name: value for name, value in chosen.items() if value is not None}
    return Workspace(args.model, args.projects, *crew, conversion, getattr(args, "pileup_profile", None))
