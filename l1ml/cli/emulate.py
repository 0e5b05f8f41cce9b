"""``l1ml emulate``: scores of networks and decisions of a menu over files of crossings."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from l1ml.cli.arguments import Subparsers, add_crew, add_verb
from l1ml.cli.undecided import tell_undecided
from l1ml.console import TerminalProgress, show_json, show_table
from l1ml.errors import ConfigError

if TYPE_CHECKING:
    from l1ml.data.jobs.crew import Crew
    from l1ml.trigger.file_emulation import Emulation
    from l1ml.trigger.partitions.emulation_question import EmulationQuestion

__all__ = ["add_parser"]

_Asked = tuple[tuple[Path, ...], Path | None, Path | None]
"""Networks, the file that binds more of them, and the menu."""
_Jobs = dict[Path, list[Path]]
"""Files of crossings by the decision file to make of them."""


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    text = (
        "scores of networks and decisions of a menu over files of crossings, in one pass into a decision file; of a model alone: "
        "its own events and menu, into run/decisions"
    )
    parser = add_verb(subparsers, "emulate", text, model=False)
    parser.add_argument("networks", type=Path, nargs="*", metavar="MODEL", help="folders of models, or files of networks")
    text = "crossings: event files, uGT vectors, NanoAOD, L1Ntuples ..."
    parser.add_argument("--on", type=Path, nargs="+", metavar="FILE", help=text)
    parser.add_argument("--output", type=Path, metavar="OUT.h5", help="the decision file to write")
    parser.add_argument("--menu", type=Path, help="a menu document: XML, HTML report or TOML")
    parser.add_argument("--networks", dest="table", type=Path, metavar="TOML", help="file that binds networks of score cuts")
    parser.add_argument("--era", help="year of the word layout of the vectors; by default what their names say")
    text = "batches that are computed at once by each process; by default as many as there are cores, 1 with several processes"
    parser.add_argument("--threads", type=int, help=text)
    add_crew(parser, workers=1)
    text = "crossings in a job of a worker, about; by default a 64th of an event file, 131072 to 2097152"
    parser.add_argument("--partition", type=int, metavar="CROSSINGS", help=text)
    parser.add_argument("--proofs", action="store_true", help="show what carries each operation of the networks exactly")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Emulate and say what was written."""
    from l1ml.data.jobs.crew import crew_of

    asked, jobs = _own(args) if args.on is None else _asked(args)
    with crew_of(args.workers, args.scheduler) as crew:
        # they import while this process imports the same and reads what is asked
        crew.begin("l1ml.trigger.partitions.emulation_job")
        from l1ml.trigger.partitions.emulation_question import EmulationQuestion

        question = EmulationQuestion.of(*asked, args.era)
        written = {output: _emulate(args, question, paths, output, crew) for output, paths in jobs.items()}
    return _show(args, question.tools, jobs, written)


def _show(args: argparse.Namespace, emulation: Emulation, jobs: _Jobs, written: Mapping[Path, int]) -> int:
    """What was written, and which algorithms have no bit."""
    from l1ml.trigger.decision_file import DecisionFile

    undecided = dict[str, str]()
    for output in written:
        with DecisionFile(output) as file:
            undecided |= file.header.unsupported
    content = [
        {"file": str(output), "crossings": n, "from": [str(path) for path in jobs[output]]} for output, n in written.items()
    ]
    if args.json:
        menu = emulation.menu and emulation.menu.name
        show_json({"networks": emulation.digests, "menu": menu, "written": content, "unsupported": undecided})
        return 0
    if args.proofs:
        _show_proofs(emulation)
    show_table("decision files", ["file", "crossings"], [(item["file"], item["crossings"]) for item in content])
    tell_undecided(undecided, "bit")
    return 0


def _emulate(args: argparse.Namespace, question: EmulationQuestion, paths: list[Path], output: Path, crew: Crew) -> int:
    """The decision file `output`, made here or by `crew`; how many crossings it has."""
    from l1ml.trigger.crossing_source import CrossingSource
    from l1ml.trigger.file_emulation import emulate_files
    from l1ml.trigger.partitions.emulation_run import emulate_partitions

    progress = TerminalProgress()
    if args.workers == 1 and args.scheduler is None:
        sources = [CrossingSource(path, args.era) for path in paths]
        threads = os.cpu_count() or 1 if args.threads is None else args.threads
        return emulate_files(question.tools, sources, output, threads=threads, progress=progress)
    threads = 1 if args.threads is None else args.threads
    return emulate_partitions(question, paths, output, crew, threads=threads, crossings=args.partition, progress=progress)


def _own(args: argparse.Namespace) -> tuple[_Asked, _Jobs]:
    """A model on its own events."""
    from l1ml.workflow.own_emulation import own_emulation
    from l1ml.workflow.workspace import Workspace

    if len(args.networks) != 1 or not args.networks[0].is_dir() or args.menu or args.table or args.output:
        msg = "name the files of crossings (--on FILE ... --output OUT.h5); only the folder of one model has its own"
        raise ConfigError(msg)
    model, menu, files = own_emulation(Workspace(args.networks[0], Path("hls_projects")))
    return ((model,), None, menu), {output: [path] for path, output in files.items()}


def _asked(args: argparse.Namespace) -> tuple[_Asked, _Jobs]:
    """Networks, menu and files of the command line."""
    if args.output is None:
        msg = "say where the decision file goes: --output OUT.h5"
        raise ConfigError(msg)
    return (tuple(args.networks), args.table, args.menu), {args.output: args.on}


def _show_proofs(emulation: Emulation) -> None:
    """Tables of the networks that numpy computes."""
    from l1ml.cli.export_network import show_proofs
    from l1ml.emulation.integers import IntegerEmulator

    for network in emulation.networks.values():
        if isinstance(network.emulator, IntegerEmulator):
            show_proofs(network.emulator.proofs)
