"""``l1ml menu``: thresholds, rates and efficiencies of a menu; real menus shown and replayed."""

from __future__ import annotations

import argparse
from typing import Any

from l1ml.cli import menu_documents, menu_ugt
from l1ml.cli.arguments import Subparsers, add_verb
from l1ml.cli.console import show_table
from l1ml.cli.steps import perform_verb
from l1ml.reporting.formatting import rate

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb and its sub-verbs."""
    parser = subparsers.add_parser("menu", help="rates and efficiencies of a menu")
    verbs = parser.add_subparsers(dest="menu_verb", required=True)
    text = "derive thresholds at their rates; rates and efficiencies of every seed"
    add_verb(verbs, "rates", text).set_defaults(run=run)
    menu_ugt.add_verbs(verbs)
    menu_documents.add_verbs(verbs)


def run(args: argparse.Namespace) -> int:
    """Run the menu over the events and show the rates."""
    from l1ml.workflow.decision_step import DECISION

    content = perform_verb(DECISION, args)
    if content is not None:
        show_rates(content)
    return 0


def show_rates(content: dict[str, Any]) -> None:
    """Table of rates, and of what each seed adds to the classical ones for each signal."""
    rows = []
    for item in content["rates"]["rows"]:
        gains = [signal["algorithms"][item["name"]]["on_top"]["efficiency"] for signal in content["efficiency"].values()]
        alone = [signal["algorithms"][item["name"]]["efficiency"] for signal in content["efficiency"].values()]
        shares = [f"{100 * value:.2f} ({100 * gain:+.2f})" for value, gain in zip(alone, gains, strict=True)]
        thresholds = "/".join(str(word) for word in item["threshold"])
        rows.append((item["name"], thresholds, rate(item), rate(item, "pure_"), item["n_events"], *shares))
    signals = [f"{name} % (on top)" for name in content["efficiency"]]
    show_table("rates in kHz of zero bias", ["seed", "word", "rate", "pure rate", "crossings", *signals], rows)
