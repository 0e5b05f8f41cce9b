"""``l1ml-offline unfold validate``: the same unfolding where the truth is known."""

from __future__ import annotations

import argparse
from pathlib import Path

from l1ml.console import show_json, show_table, tell, told
from offline.cli.arguments import Subparsers, add_verb, add_workers

__all__ = ["add_parser"]

_CLOSURE = ("triangular discriminator x 1000", "before", "after", "its floor")
_COVERAGE = ("68.3 % intervals", "hold the truth", "at least", "at most")


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    text = "unfold pseudo-data of a configuration: closure, fold-back, and coverage over toys"
    parser = add_verb(subparsers, "validate", text)
    parser.add_argument("configuration", type=Path, help="TOML file, as for run; its [validation] says how")
    parser.add_argument("--toys", type=int, metavar="N", help="toys for the coverage, in place of the number in [validation]")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="<configuration>-validation without a word")
    add_workers(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Validate, write validation.json and the figures, and show what matters."""
    from l1ml.storage import write_json
    from offline.unfolding.configuration import read_configuration
    from offline.unfolding.figures import write_figures
    from offline.unfolding.study import Study
    from offline.unfolding.validation import validate

    config = read_configuration(args.configuration)
    folder = args.output or config.path.with_name(f"{config.path.stem}-validation")
    with told() as progress:
        study = Study.of(config, progress)
        crew = {"workers": args.workers, "scheduler": args.scheduler}
        found = validate(study, folder / "parts", toys=args.toys, progress=progress, **crew)
        write_json(folder / "validation.json", found.to_dict())
        write_figures(folder, found.unfolded, found.inputs, found.diagnosis, found.coverage)
    if args.json:
        show_json(found.to_dict())
    else:
        show_table(f"{config.method.name} of {found.pseudo_data}", found.summary.columns, found.summary.rows())
        show_table("closure", _CLOSURE, found.closure_rows())
        if found.coverage is not None:
            show_table(f"coverage, {found.coverage.n} toys", _COVERAGE, found.coverage_rows())
    tell(f"validation: {folder / 'validation.json'}, figures beside it")
    return 0
