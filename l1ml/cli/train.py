"""``l1ml train``: train the network of a recipe."""

from __future__ import annotations

import argparse

from l1ml.cli.arguments import Subparsers, add_verb
from l1ml.cli.steps import perform_verb
from l1ml.console import show_table

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    add_verb(subparsers, "train", "train the quantised network on its generated sample").set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Train and show the losses."""
    from l1ml.workflow.training_step import TRAINING

    content = perform_verb(TRAINING, args)
    if content is not None:
        best, losses = content["best_epoch"], content["losses"]
        rows = [
            ("model digest", content["model_digest"][:16]),
            ("epochs (best)", f"{content['epochs']} ({best})"),
            ("loss", losses["loss"][best - 1]),
            ("validation loss", losses["val_loss"][best - 1]),
            ("weights (zero)", f"{content['metrics']['n_weights']} ({content['metrics']['n_zero_weights']})"),
            ("seconds", content["seconds"]),
        ]
        show_table("training", ["", "value"], rows)
    return 0
