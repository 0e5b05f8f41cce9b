"""``l1ml-offline calo distil``: a diffusion that draws in fewer steps."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from l1ml.console import show_json, tell, told
from offline.cli.arguments import Subparsers, add_verb

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    text = "teach a diffusion or flow matching to draw in fewer steps; after a stop the same command goes on"
    parser = add_verb(subparsers, "distil", text)
    parser.add_argument("teacher", type=Path, help="file that train has made, or this")
    parser.add_argument("showers", type=Path, help="file of the showers that it learnt from")
    parser.add_argument("output", type=Path, help="file of the generator to make")
    parser.add_argument("--way", default="progressive", help="progressive (the default) or consistency")
    text = "steps to arrive at, of the progressive way half, a quarter ... of the teacher's (default 1)"
    parser.add_argument("--steps", type=int, default=1, help=text)
    parser.add_argument(
        "--teacher-steps", type=int, metavar="N", help="steps that the teacher takes, in place of those of its file"
    )
    parser.add_argument("--updates", type=int, default=1500, help="of each halving, or of the consistent network (default 1500)")
    parser.add_argument("--seed", type=int, default=1, help="root of the random numbers (default 1)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Distil, write the file and say how it draws."""
    from offline.calorimeter.generators import write_generator
    from offline.calorimeter.generators.diffusion.distillation import distil, read_teacher
    from offline.calorimeter.generators.diffusion.settings import distillation
    from offline.calorimeter.shower_file import ShowerFile

    settings = distillation(args.way, args.steps, args.updates, args.seed)
    folder = args.output.with_name(f"{args.output.name}-parts")
    teacher = read_teacher(args.teacher, args.teacher_steps)
    with told() as progress:
        file = ShowerFile.open(args.showers, teacher.geometry)
        generator = distil(teacher, file, settings, folder=folder, progress=progress)
    write_generator(args.output, generator)
    shutil.rmtree(folder, ignore_errors=True)
    if args.json:
        show_json({"file": str(args.output), **generator.record["distillations"][-1]})
    tell(f"{teacher.drawing.steps} steps of {teacher.drawing.sampler} became {args.steps}: {args.output}")
    return 0
