"""``l1ml data info``, ``head``, ``validate`` and ``plot``: looking into files."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from l1ml.cli.arguments import Subparsers, add_verb, count
from l1ml.console import show_json, show_table, told

__all__ = ["add_verbs"]

_FORMAT_HELP = "format of the file, if its name and content do not tell"


def add_verbs(verbs: Subparsers) -> None:
    """Add the sub-verbs to those of ``l1ml data``."""
    info = add_verb(
        verbs, "info", "say what a file holds: event files, unfinished ones too, and any format that is read", model=False
    )
    info.add_argument("file", type=Path, help="the file")
    info.add_argument("--format", metavar="NAME", help=_FORMAT_HELP)
    info.set_defaults(run=run_info)
    head = add_verb(verbs, "head", "show the first crossings: words and the quantities that they stand for", model=False)
    head.add_argument("file", type=Path, help="the file")
    head.add_argument("-n", type=count, default=5, help="how many crossings (5)")
    head.add_argument("--format", metavar="NAME", help=_FORMAT_HELP)
    head.set_defaults(run=run_head)
    text = "check words, masks, numbers, digests and identities of an event file; 0 only if all is well"
    validate = add_verb(verbs, "validate", text, model=False)
    validate.add_argument("file", type=Path, help="an event file (.h5)")
    validate.set_defaults(run=run_validate)
    plot = add_verb(verbs, "plot", "draw every column of an event file by process, a picture for each object", model=False)
    plot.add_argument("file", type=Path, help="an event file (.h5)")
    plot.add_argument("--output", type=Path, help="folder of the pictures (that of the file)")
    plot.set_defaults(run=run_plot)
    text = "compare generated crossings with recorded ones: multiplicities, spectra and rates of single-object seeds, with errors"
    compare = add_verb(verbs, "compare", text, model=False)
    compare.add_argument("generated", type=Path, help="crossings of the generator: an event file")
    compare.add_argument("recorded", type=Path, help="recorded crossings of any format, such as an L1Ntuple")
    text = "what was recorded: zero bias, one process (shares, no rates), or what a trigger chose (shapes above its thresholds)"
    compare.add_argument("--reference", choices=("zero_bias", "process", "triggered"), default="zero_bias", help=text)
    compare.add_argument("--output", type=Path, default=Path("comparison"), help="folder of the report (comparison)")
    compare.set_defaults(run=run_compare)


def run_compare(args: argparse.Namespace) -> int:
    """Compare generated with recorded crossings."""
    from l1ml.reporting.validation import validate_files

    with told() as progress:
        progress.start("comparison")
        paths = validate_files(args.generated, args.recorded, args.output, reference=args.reference)
    if args.json:
        show_json([str(path) for path in paths])
    else:
        show_table("comparison", ["file"], [[str(path)] for path in paths])
    return 0


def run_info(args: argparse.Namespace) -> int:
    """Show what a file holds."""
    from l1ml.data.event_file import file_info
    from l1ml.data.readers import reader_called, reader_of

    known = args.format not in {None, "l1ml"}
    unfinished = not known and (not args.file.is_file() or args.file.suffix == ".part")
    if unfinished:
        info = file_info(args.file, unfinished=True)
    else:
        reader = reader_called(args.format) if known else reader_of(args.file)
        info = {"path": str(args.file), "format": reader.name, **reader.describe(args.file)}
    if args.json:
        show_json(info)
    else:
        show_table(str(args.file), ["header", "value"], list(_header_rows(info)))
    return 0


def _header_rows(info: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and text of each entry of a header."""
    for name, value in info.items():
        if name in {"schema", "objects"}:
            objects = value["objects"] if name == "schema" else value
            yield "objects", "\n".join(_object_line(item) for item in objects)
        elif name == "provenance":
            yield from ((f"provenance: {key}", str(entry)) for key, entry in value.items())
        elif name == "n_events":
            yield "crossings", "not counted" if value is None else f"{value:,}"
        elif name not in {"path", "process"} and value not in ([], None):
            yield name.replace("_", " "), ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _object_line(item: Any) -> str:
    """One object of a schema in a line."""
    if not isinstance(item, Mapping):
        return str(item)
    return f"{item['n_slots']} {item['name']} ({'/'.join([*item['fields'], *item.get('reals', {})])})"


def run_head(args: argparse.Namespace) -> int:
    """Show the first crossings."""
    from l1ml.data.event_rows import event_rows, first_events

    rows = event_rows(first_events(args.file, args.n, name=args.format))
    if args.json:
        show_json(rows)
        return 0
    for row in rows:
        where = ", ".join(f"{name} {value}" for name, value in row.items() if name not in {"objects", "truth"})
        show_table(where, ["object", "words", "quantities"], list(_object_rows(row)))
    return 0


def _object_rows(row: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """One line for each object of a crossing, one for all bits that are set."""
    for name, items in row["objects"].items():
        if items and set(items[0]) == {"slot", "hw_bit", "bit"}:
            yield name, "", ", ".join(str(item["slot"]) for item in items)
            continue
        for item in items:
            words = [f"{key.removeprefix('hw_')} {value}" for key, value in item.items() if key.startswith("hw_")]
            values = [f"{key} {value:.5g}" for key, value in item.items() if not key.startswith("hw_") and key != "slot"]
            yield f"{name} {item['slot']}", ", ".join(words), ", ".join(values)
    for name, value in row["truth"].items():
        yield f"truth {name}", "", f"{value:.5g}"


def run_validate(args: argparse.Namespace) -> int:
    """Check an event file."""
    from l1ml.data.event_checks import check_events

    with told() as progress:
        check = check_events(args.file, progress=progress)
    if args.json:
        show_json(check.to_dict())
    elif check.n_problems:
        title = f"{args.file}: {check.n_problems} problems in {check.n_events:,} crossings; the first ones"
        show_table(title, ["problem"], [(line,) for line in check.problems])
    else:
        rows = [("crossings", f"{check.n_events:,}"), ("problems", "none"), ("digest", check.digest or "none in version 1")]
        show_table(str(args.file), ["", ""], rows)
    return 1 if check.n_problems else 0


def run_plot(args: argparse.Namespace) -> int:
    """Draw the columns of an event file."""
    from l1ml.data.histograms import field_histograms
    from l1ml.reporting.event_figures import render_event_figures
    from l1ml.storage import write_bytes

    with told() as progress:
        histograms = field_histograms(args.file, progress=progress)
    folder, paths = args.output or args.file.parent, []
    for figure in render_event_figures(histograms, args.file.name):
        paths.append(folder / f"{args.file.stem}-{figure.name}.png")
        write_bytes(paths[-1], figure.png)
    if args.json:
        show_json({"files": [str(path) for path in paths], "histograms": [item.to_dict() for item in histograms]})
    else:
        show_table(str(args.file), ["picture"], [(str(path),) for path in paths])
    return 0
