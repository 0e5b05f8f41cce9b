"""``l1ml-offline infer``: parameters from simulations and observations."""

from __future__ import annotations

from offline.cli import infer_diagnose, infer_example, infer_plot, infer_sample, infer_scan, infer_train
from offline.cli.arguments import Subparsers

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verbs."""
    text = "infer: parameters by simulation, with posteriors and intervals that are tested"
    verbs = subparsers.add_parser("infer", help=text, description=text).add_subparsers(required=True, metavar="VERB")
    for verb in (infer_train, infer_sample, infer_diagnose, infer_scan, infer_plot, infer_example):
        verb.add_parser(verbs)
