"""``l1ml-offline calo evaluate``: generated showers judged against true ones."""

from __future__ import annotations

import argparse
from pathlib import Path

from l1ml.console import show_json, show_table, tell, told
from offline.cli.arguments import Subparsers, add_verb

__all__ = ["add_parser", "add_published"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    text = "judge generated showers against true ones: numbers beside their floors, and one page of figures"
    parser = add_verb(subparsers, "evaluate", text)
    parser.add_argument("truth", type=Path, help="file of true showers, HDF5 as the CaloChallenge has it")
    parser.add_argument("generated", type=Path, help="file of generated showers of the same geometry")
    parser.add_argument("--binning", type=Path, metavar="XML", help="binning file, where the files do not name their geometry")
    parser.add_argument("--showers", type=int, metavar="N", help="judge the first N of each file")
    parser.add_argument("--threshold", type=float, metavar="MEV", help="cut voxels below; that of the files without a word")
    parser.add_argument("--trainings", type=int, default=5, metavar="N", help="of each classifier, 0 for none (default 5)")
    parser.add_argument("--no-voxels", action="store_true", help="no classifier of voxels, which takes longest")
    parser.add_argument("--seed", type=int, default=1, help="root of the random numbers (default 1)")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="where to; <generated>-judgement without a word")
    add_published(parser)
    parser.set_defaults(run=run)


def add_published(parser: argparse.ArgumentParser) -> None:
    """Argument for the table of other people's results."""
    text = "table of the CaloChallenge's submissions (CaloChallenge_results_*.hdf) to draw beside"
    parser.add_argument("--published", type=Path, metavar="HDF", help=text)


def run(args: argparse.Namespace) -> int:
    """Judge, write the page, and show what matters."""
    from offline.calorimeter.judging.files import read_pair
    from offline.calorimeter.judging.judge import judge
    from offline.calorimeter.judging.page import headline_rows, write_judgement_page
    from offline.calorimeter.judging.published import read_submissions
    from offline.calorimeter.judging.settings import JudgingSettings

    folder = args.output or args.generated.with_name(f"{args.generated.stem}-judgement")
    published = read_submissions(args.published) if args.published else ()
    settings = JudgingSettings(trainings=args.trainings, floor_trainings=args.trainings, voxels=not args.no_voxels)
    pair = read_pair(args.truth, args.generated, binning=args.binning, showers=args.showers, threshold=args.threshold)
    with told() as progress:
        content = {**judge(*pair.showers, settings, seed=args.seed, progress=progress).to_dict(), "files": pair.origin}
    write_judgement_page(content, folder, published)
    if args.json:
        show_json(content)
    else:
        show_table("quality", ("number", "generated", "truth against itself", "sigma"), headline_rows(content))
    tell(f"judgement: {folder}")
    return 0
