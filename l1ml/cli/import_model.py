"""``l1ml import``: make a model folder of a network that another program has written."""

from __future__ import annotations

import argparse
from pathlib import Path

from l1ml.cli.arguments import Subparsers, add_verb
from l1ml.console import show_json, show_table
from l1ml.hardware import FixedPoint

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = add_verb(subparsers, "import", "make a model folder of a QKeras file or a QONNX graph", model=False)
    parser.add_argument("file", type=Path, help=".h5 or .json of Keras 2, .keras of Keras 3, .onnx")
    parser.add_argument("folder", type=Path, help="folder of the model to make, such as models/jetid")
    text = "format of the numbers on the link, such as 'ap_fixed<16,6>'; no Keras file says it"
    parser.add_argument("--input-format", metavar="TYPE", help=text)
    parser.add_argument("--weights", type=Path, help=".h5 of the weights that belong to a .json")
    parser.add_argument("--name", help="name of the model (that of the folder)")
    text = "what the file gives, or without the softmax at its end, or the place of the largest logit"
    parser.add_argument("--output", choices=("graph", "logits", "argmax"), default="graph", help=text)
    parser.add_argument("--after", metavar="LAYER", help="begin behind this layer: the link carries what it gives")
    parser.add_argument("--features", nargs="+", default=(), metavar="NAME", help="names of the inputs, in order")
    parser.add_argument("--force", action="store_true", help="replace a model that is there")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Import and say what came in."""
    from l1ml.workflow.foreign_model import ForeignModel, import_model

    format_ = FixedPoint.parse(args.input_format) if args.input_format else None
    source = ForeignModel(args.file, format_, args.weights, args.output, args.after, args.features)
    model = import_model(source, args.folder, args.name or args.folder.name, force=args.force)
    content = {
        "model": model.name,
        "digest": model.digest,
        "inputs": len(model.features),
        "input_format": str(format_ or "that of the file"),
        "score": model.score,
        "score_format": str(model.output_format),
        "golden_words": len(model.golden.scores),
    }
    if args.json:
        show_json(content)
    else:
        show_table(f"model folder {args.folder}", ["", "value"], list(content.items()))
    return 0
