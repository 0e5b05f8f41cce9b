"""``l1ml-offline unfold plot``: figures of a result."""

from __future__ import annotations

import argparse
from pathlib import Path

from l1ml.console import show_json, tell, told
from offline.cli.arguments import Subparsers, add_verb

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = add_verb(
        subparsers, "plot", "draw a result: weights, errors, correlations; with its configuration all the rest, too"
    )
    parser.add_argument("result", type=Path, help="file that run has made")
    text = "configuration that it was made with: adds simulation, data, fold-back, convergence, and the truth of pseudo-data"
    parser.add_argument("--configuration", type=Path, metavar="FILE", help=text)
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="where figures go; <result>-figures without a word")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the figures and say where they are."""
    from offline.unfolding.configuration import read_configuration
    from offline.unfolding.diagnostics import diagnose
    from offline.unfolding.figures import write_figures
    from offline.unfolding.study import Study
    from offline.unfolding.unfolded_file import read_unfolded

    unfolded, inputs, diagnosis = read_unfolded(args.result), None, None
    folder = args.output or args.result.with_name(f"{args.result.stem}-figures")
    with told() as progress:
        if args.configuration is not None:
            study = Study.of(read_configuration(args.configuration), progress)
            study.check(unfolded, args.result)
            inputs = study.inputs
            progress.start("diagnostics")
            diagnosis = diagnose(unfolded, inputs.mc, inputs.data, inputs.nature)
        progress.start("figures")
        paths = write_figures(folder, unfolded, inputs, diagnosis)
    if args.json:
        diagnosed = None if diagnosis is None else diagnosis.to_dict()
        show_json({"figures": [str(path) for path in paths], "diagnosis": diagnosed})
    tell(f"{len(paths)} figures: {folder}")
    return 0
