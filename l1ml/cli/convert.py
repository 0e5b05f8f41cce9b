"""``l1ml convert``: write the HLS and the RTL project of a trained model."""

from __future__ import annotations

import argparse

from l1ml.cli.arguments import Subparsers, add_verb
from l1ml.cli.steps import perform_verb
from l1ml.console import show_table
from l1ml.conversion.config import RTL_LANGUAGES
from l1ml.conversion.hls_backends import HLS_BACKENDS, IO_TYPES, STRATEGIES

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    text = "write the HLS project and the RTL project of the trained (or shipped) model"
    parser = add_verb(subparsers, "convert", text)
    parser.add_argument("--hls-backend", choices=tuple(HLS_BACKENDS), help="tool that the HLS project is for")
    parser.add_argument("--io-type", choices=IO_TYPES, help="arrays or streams between HLS functions")
    parser.add_argument("--strategy", choices=STRATEGIES, help="how hls4ml builds dense layers")
    parser.add_argument("--reuse-factor", type=int, metavar="N", help="multiplications that share a multiplier in HLS")
    parser.add_argument("--rtl-language", choices=RTL_LANGUAGES, help="language of the RTL project")
    parser.add_argument("--stages", type=int, metavar="N", help="pipeline stages of the RTL, whatever the clock")
    parser.add_argument("--part", help="device, as its vendor writes it")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Convert and name the folders."""
    from l1ml.workflow.conversion_step import CONVERSION

    content = perform_verb(CONVERSION, args)
    if content is not None:
        rows = [(name, str(args.projects / item["folder"]), item["n_files"]) for name, item in content["projects"].items()]
        show_table(f"projects of model {content['model_digest'][:8]}", ["back end", "folder", "files"], rows)
    return 0
