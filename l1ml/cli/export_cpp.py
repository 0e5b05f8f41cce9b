"""``l1ml export cpp``: the network in C++17, for frameworks that load it."""

from __future__ import annotations

import argparse
from pathlib import Path

from l1ml.cli.arguments import Subparsers, add_verb, workspace_of
from l1ml.console import show_json, show_table, tell

__all__ = ["add_verbs"]


def add_verbs(verbs: Subparsers) -> None:
    """Add the sub-verb to those of ``l1ml export``."""
    text = "write the network of a model as a C++17 header with a C interface, for CMSSW and other frameworks"
    parser = add_verb(verbs, "cpp", text, model=False)
    parser.add_argument("model", type=Path, help="folder of the model, such as models/axo, or the file of a network")
    parser.add_argument("--projects", type=Path, default=Path("hls_projects"), help="where generated projects go")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the project and say what is in it."""
    from l1ml.conversion.cpp import cpp_project
    from l1ml.emulation.portable import read_network

    project = cpp_project(read_network(args.model) if args.model.is_file() else workspace_of(args).model())
    folder = project.write(args.projects)
    if args.json:
        show_json({"folder": str(folder), **project.manifest})
        return 0
    model = project.manifest["model"]
    content = {
        "model": f"{model['name']} {model['digest'][:8]}",
        "inputs": len(project.manifest["input"]["words"]),
        "outputs": project.manifest["output"]["n_words"],
        "namespace": project.manifest["namespace"],
        "files": ", ".join(str(path) for path in project.files),
    }
    show_table(f"C++ project {folder}", ["", "value"], list(content.items()))
    tell(f"l1ml: make -C {folder} test compiles it and compares the golden crossings; README.md there says how to use it")
    return 0
