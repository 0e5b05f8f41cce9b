"""``l1ml graph``: from the description of a detector to the firmware that builds the graph of its hits."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from l1ml.cli.arguments import Subparsers, add_verb
from l1ml.console import show_json, show_table, tell

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    text = "graph of the hits of a detector: possible edges, how alike rules are on toy hits, RTL that builds it in each cycle"
    parser = add_verb(subparsers, "graph", text, model=False)
    parser.add_argument("recipe", type=Path, help="TOML: the layers of the detector, a rule to build, rules to compare it with")
    parser.add_argument("--projects", type=Path, help="write the RTL project into this folder")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Compare, and write the project if one is asked for."""
    from l1ml.workflow.graph_recipe import graph_project, graph_summary, read_graph_recipe

    recipe = read_graph_recipe(args.recipe)
    content = graph_summary(recipe)
    if args.projects is not None:
        project = graph_project(recipe)
        content |= {"project": str(project.write(args.projects)), "estimate": project.manifest["estimate"]}
    if args.json:
        show_json(content)
    else:
        _show(content)
    return 0


def _show(content: dict[str, Any]) -> None:
    columns = ["rule", "possible edges", "of a sensor", "edges per crossing", "common", "precision", "recall", "Jaccard"]
    rows = []
    for name, rule in content["rules"].items():
        alike = rule["similarity"]
        shares = [f"{alike[key]:.4f}" for key in ("precision", "recall", "jaccard")]
        per_crossing = f"{rule['edges_per_crossing']:.1f}"
        rows.append([name, rule["edges"], rule["neighbours"], per_crossing, alike["common"], *shares])
    detector = content["detector"]
    title = f"graphs of {detector['name']}, {detector['sensors']} sensors, beside the rule {content['build']}"
    show_table(title, columns, rows)
    of_tracks = f"{content['hits_per_crossing']:.1f} hits each, {100 * content['of_tracks']:.0f} % of them of tracks"
    tell(f"{content['crossings']} toy crossings, seed {content['seed']}: {of_tracks}.")
    tell(f"Precision: share of the edges of {content['build']} that the rule has too; recall: share of the rule's own in it.")
    if "project" in content:
        estimate = content["estimate"]
        logic = f"{estimate['lut']:,} LUT, {estimate['latency_cycles']} cycles, one crossing in each"
        tell(f"{content['project']}: {logic} (alkaid's estimate); make sim there compares it with golden edges")
