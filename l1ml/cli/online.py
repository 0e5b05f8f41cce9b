"""``l1ml online train``, ``sample`` and ``hunt``: the density of a stream that is never stored."""

from __future__ import annotations

import argparse
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from l1ml.cli.arguments import Subparsers, add_verb, count, positive
from l1ml.console import show_json, show_table, tell, told

__all__ = ["add_parser"]

_PRESCALES = (1, 2, 5, 10, 20, 50, 100, 1000)
_POOR = 2.0
"""Chi-square for each degree of freedom above which a background is said not to fit."""

_SIZES = ("members", "bins", "hidden", "buffer", "batch", "passes", "learning_rate", "seed")


class _Range(argparse.Action):
    """Appends a `Quantity` made of a name and two numbers."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: Any, values: Any, option_string: str | None = None) -> None:
        from l1ml.training.online.settings import Quantity

        name, low, high = values
        try:
            item = Quantity(name, float(low), float(high))
        except ValueError as error:
            parser.error(f"argument {option_string}: {error}")
        setattr(namespace, self.dest, [*getattr(namespace, self.dest), item])


def add_parser(subparsers: Subparsers) -> None:
    """Add the verbs."""
    text = "learn the density of quantities from a stream in one pass, draw from it, and look for a bump in it"
    parser = subparsers.add_parser("online", help=text, description=text)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    _add_train(verbs)
    sample = add_verb(verbs, "sample", "draw events from a flow", model=False)
    sample.add_argument("flow", type=Path, help="file of the flow")
    sample.add_argument("-n", type=count, default=10_000, help="how many (10000)")
    sample.add_argument("--member", type=int, default=0, help="member of the ensemble; 0 saw each event once (0)")
    sample.add_argument("--draw", type=int, default=0, metavar="SEED", help="of the drawing (0)")
    sample.add_argument("--output", type=Path, required=True, metavar="CSV", help="table with a column for each quantity")
    sample.set_defaults(run=run_sample)
    _add_hunt(verbs)


def _add_train(verbs: Subparsers) -> None:
    from l1ml.training.online.settings import OnlineSettings

    train = add_verb(verbs, "train", "learn from event files as if they came past once; goes on where it stopped", model=False)
    train.add_argument("events", type=Path, nargs="+", help="event files (.h5)")
    text = "a quantity, such as met.pt, jet[0].pt or 'mass(muon[0], muon[1])', and its range; may be repeated"
    train.add_argument(
        "--quantity", action=_Range, nargs=3, default=[], required=True, metavar=("NAME", "LOW", "HIGH"), help=text
    )
    train.add_argument("--flow", type=Path, required=True, metavar="FILE", help="where the flow goes (.npz)")
    for item in fields(OnlineSettings):
        if item.name in _SIZES:
            kind = type(item.default)
            train.add_argument(f"--{item.name.replace('_', '-')}", type=kind, default=item.default, help=f"({item.default})")
    train.set_defaults(run=run_train)


def _add_hunt(verbs: Subparsers) -> None:
    text = "the excess in a window above a smooth background, and what prescaled triggers would see of it"
    hunt = add_verb(verbs, "hunt", text, model=False)
    hunt.add_argument("flow", type=Path, help="file of the flow")
    hunt.add_argument("--window", type=float, nargs=2, required=True, metavar=("LOW", "HIGH"), help="where the bump may be")
    hunt.add_argument("--in", dest="name", metavar="NAME", help="quantity to look at (the first)")
    hunt.add_argument("--range", type=float, nargs=2, metavar=("LOW", "HIGH"), help="of the fit (that of the quantity)")
    hunt.add_argument(
        "--cut", action=_Range, nargs=3, default=[], metavar=("NAME", "LOW", "HIGH"), help="only events in this range"
    )
    hunt.add_argument("--bins", type=int, default=50, help="(50)")
    hunt.add_argument("--degree", type=int, default=2, help="of the polynomial in the exponent of the background (2)")
    hunt.add_argument("--prescale", type=positive, nargs="+", default=_PRESCALES, metavar="R", help="one event in R is kept")
    hunt.add_argument("--figure", type=Path, metavar="PNG", help="draw the spectrum")
    hunt.set_defaults(run=run_hunt)


def run_train(args: argparse.Namespace) -> int:
    """Learn from files."""
    from l1ml.training.online import OnlineSettings, train_on_files

    settings = replace(OnlineSettings(), **{name: getattr(args, name) for name in _SIZES})
    with told() as progress:
        flow = train_on_files(args.events, args.quantity, settings, args.flow, progress=progress)
    result = {"flow": str(args.flow), "seen": flow.seen, "buffers": flow.buffers, "weight_in_range": float(flow.yields[0])}
    if args.json:
        show_json(result)
    else:
        show_table("online flow", ["", "value"], list(result.items()))
    return 0


def run_sample(args: argparse.Namespace) -> int:
    """Draw events."""
    from l1ml.storage import write_text
    from l1ml.training.online import read_flow

    flow, _ = read_flow(args.flow)
    header = ",".join(f'"{item.name}"' for item in flow.quantities)
    rows = (",".join(map(repr, row)) for row in flow.draw(args.n, args.draw)[args.member].tolist())
    write_text(args.output, "\n".join([header, *rows]) + "\n")
    if args.json:
        show_json({"file": str(args.output), "events": args.n})
    else:
        show_table("events", ["file", "events"], [(str(args.output), args.n)])
    return 0


def run_hunt(args: argparse.Namespace) -> int:
    """Look for a bump."""
    from l1ml.training.online import read_flow
    from l1ml.trigger.bump_hunt import BumpHunt
    from l1ml.trigger.flow_hunt import hunt_in_flow

    flow, _ = read_flow(args.flow)
    name = args.name or flow.quantities[0].name
    quantity = flow.quantities[flow.column(name)]
    low, high = args.range or (quantity.low, quantity.high)
    hunt = BumpHunt.even(low, high, args.bins, tuple(args.window), args.degree)
    found = hunt_in_flow(flow, name, hunt, args.cut, args.prescale).to_dict()
    if args.figure:
        _draw(found, args.figure)
    if args.json:
        show_json(found)
    else:
        _show(found)
    return 0


def _draw(found: dict[str, Any], path: Path) -> None:
    from l1ml.reporting.bump_figure import render_bump
    from l1ml.storage import write_bytes

    write_bytes(path, render_bump(found))


def _show(found: dict[str, Any]) -> None:
    columns = ("excess", "error", "background", "significance")
    rows = [("flow of all events", *(f"{found['bump'][key]:.4g}" for key in columns))]
    rows += [(f"1 in {row['prescale']:g} kept", *(f"{row[key]:.4g}" for key in columns)) for row in found["prescaled"]]
    low, high = found["window"]
    show_table(f"{found['quantity']} in [{low:g}, {high:g}]", ["", *columns], rows)
    tell("the error of the flow is the scatter of its members; those of prescaled triggers are expected ones")
    chi2, degrees = found["misfit"]["chi2"], found["misfit"]["degrees"]
    tell(f"background beside the window: chi2 {chi2:.1f} for {degrees} degrees of freedom")
    if chi2 > _POOR * degrees:
        tell("l1ml: the background has another shape: no significance can be read off; try another --degree or --range")
