"""``l1ml data convert``, ``merge``, ``split`` and ``recover``: making event files of other files."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from l1ml.cli.arguments import Subparsers, add_crew, add_verb
from l1ml.console import show_json, show_table, told

__all__ = ["add_verbs"]


def add_verbs(verbs: Subparsers) -> None:
    """Add the sub-verbs to those of ``l1ml data``."""
    convert = add_verb(verbs, "convert", "make event files of files of any format that is read", model=False)
    convert.add_argument("files", type=Path, nargs="+", help="the file to read; several go to a folder, each a job of its own")
    convert.add_argument("output", type=Path, help="event file to make (.h5); a folder for several files")
    add_crew(convert)
    convert.add_argument("--format", metavar="NAME", help="format of the file, if its name and content do not tell")
    convert.add_argument("--process", metavar="NAME", help="name of the physics process")
    convert.add_argument("--set", action="append", default=[], type=_setting, metavar="KEY=VALUE", help="option of the format")
    convert.set_defaults(run=run_convert)
    merge = add_verb(verbs, "merge", "join event files with one schema; processes become a column", model=False)
    merge.add_argument("files", type=Path, nargs="+", help="event files")
    merge.add_argument("output", type=Path, help="event file to make")
    merge.add_argument("--allow-duplicates", action="store_true", help="keep crossings that are there more than once")
    merge.set_defaults(run=run_merge)
    split = add_verb(verbs, "split", "part an event file by the identity of the crossings, whatever their order", model=False)
    split.add_argument("file", type=Path, help="event file")
    split.add_argument("--fractions", type=float, nargs="+", default=[0.8, 0.1, 0.1], metavar="SHARE", help="0.8 0.1 0.1")
    split.add_argument("--names", nargs="+", default=["train", "val", "test"], metavar="NAME", help="train val test")
    split.add_argument("--output", type=Path, help="folder of the parts (that of the file)")
    split.set_defaults(run=run_split)
    recover = add_verb(verbs, "recover", "make an event file of what a killed writer left", model=False)
    recover.add_argument("file", type=Path, help="the file that was being written, or its .part")
    recover.add_argument("--output", type=Path, help="other name for the result")
    recover.set_defaults(run=run_recover)
    for parser in (convert, merge, split):
        parser.add_argument("--force", action="store_true", help="replace files that are there")


def _setting(text: str) -> tuple[str, Any]:
    """Key and value of one option; a value that is not JSON is text."""
    key, sign, value = text.partition("=")
    if not sign or not key:
        msg = f"{text!r} is not KEY=VALUE"
        raise argparse.ArgumentTypeError(msg)
    try:
        return key, json.loads(value)
    except json.JSONDecodeError:
        return key, value


def run_convert(args: argparse.Namespace) -> int:
    """Convert a file, or several on all workers."""
    from l1ml.data.event_conversion import convert_events
    from l1ml.data.event_file import file_info
    from l1ml.data.jobs.conversion_jobs import convert_files

    options = {"name": args.format, "process": args.process, "options": dict(args.set)}
    if len(args.files) == 1 and not args.scheduler and not args.output.is_dir():
        _check_free(args, args.output)
        with told() as progress:
            n = convert_events(args.files[0], args.output, **options, progress=progress)
        return _show(args, {args.output: n})
    with told() as progress:
        crew = {"workers": args.workers, "scheduler": args.scheduler}
        made = convert_files(args.files, args.output, **options, **crew, progress=progress)
    return _show(args, {path: int(file_info(path)["n_events"]) for path in made})


def run_merge(args: argparse.Namespace) -> int:
    """Merge files."""
    from l1ml.data.event_merge import merge_events

    _check_free(args, args.output)
    with told() as progress:
        n = merge_events(args.files, args.output, allow_duplicates=args.allow_duplicates, progress=progress)
    return _show(args, {args.output: n})


def run_split(args: argparse.Namespace) -> int:
    """Split a file."""
    from l1ml.data.event_split import split_events
    from l1ml.errors import ConfigError

    names = list(dict.fromkeys(args.names))
    if len(names) != len(args.fractions):
        msg = f"{len(args.fractions)} shares need as many different names, received {' '.join(args.names)}"
        raise ConfigError(msg)
    folder = args.output or args.file.parent
    outputs = {folder / f"{args.file.stem}-{name}.h5": share for name, share in zip(names, args.fractions, strict=True)}
    _check_free(args, *outputs)
    with told() as progress:
        counts = split_events(args.file, outputs, progress=progress)
    return _show(args, counts)


def run_recover(args: argparse.Namespace) -> int:
    """Recover a file."""
    from l1ml.data.event_recovery import recover_events

    n = recover_events(args.file, args.output)
    return _show(args, {args.output or args.file.with_name(args.file.name.removesuffix(".part")): n})


def _check_free(args: argparse.Namespace, *outputs: Path) -> None:
    """Refuse to replace a file that is there, unless told to."""
    from l1ml.errors import ConfigError

    for output in outputs:
        if output.exists() and not args.force:
            msg = f"{output} exists; --force replaces it"
            raise ConfigError(msg)


def _show(args: argparse.Namespace, counts: dict[Path, int]) -> int:
    """Say which files were made."""
    if args.json:
        show_json({"files": [{"path": str(path), "n_events": n} for path, n in counts.items()]})
    else:
        show_table("event files", ["file", "crossings"], [(str(path), n) for path, n in counts.items()])
    return 0
