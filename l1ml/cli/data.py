"""``l1ml data``: generate event files, look into them."""

from __future__ import annotations

import argparse
from pathlib import Path

from l1ml.cli.arguments import Subparsers, add_generation, add_verb
from l1ml.cli.console import show_json, show_table
from l1ml.cli.steps import perform_verb
from l1ml.data import file_info

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb and its sub-verbs."""
    parser = subparsers.add_parser("data", help="generate and inspect event files")
    verbs = parser.add_subparsers(dest="data_verb", required=True)
    generate = add_verb(verbs, "generate", "generate zero bias and signals with Pythia and the Level-1 response")
    add_generation(generate)
    generate.set_defaults(run=run_generate)
    info = add_verb(verbs, "info", "say what an event file holds", model=False)
    info.add_argument("file", type=Path, help="an event file (.h5)")
    info.set_defaults(run=run_info)


def run_generate(args: argparse.Namespace) -> int:
    """Generate the event files of a model."""
    from l1ml.workflow.events_step import EVENTS

    content = perform_verb(EVENTS, args)
    if content is not None:
        columns = ["process", "generated", "kept", "seconds", "path"]
        show_table("events", columns, [[item[name] for name in columns] for item in content["processes"]])
    return 0


def run_info(args: argparse.Namespace) -> int:
    """Show the header of an event file."""
    info = file_info(args.file)
    if args.json:
        show_json(info)
        return 0
    objects = ", ".join(f"{item['n_slots']} {item['name']} ({'/'.join(item['fields'])})" for item in info["schema"]["objects"])
    rows = [
        ("process", info["process"]),
        ("crossings", info["n_events"]),
        ("objects", objects),
        ("schema", info["schema_digest"]),
    ]
    rows += [(key, str(value)) for key, value in info["provenance"].items()]
    show_table(str(args.file), ["header", "value"], rows)
    return 0
