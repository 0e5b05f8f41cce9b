"""``l1ml verify``: run every implementation of a model on the same crossings and compare word for word."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from l1ml.cli.arguments import Subparsers, add_verb, positive, workspace_of
from l1ml.cli.steps import perform_verb
from l1ml.console import TerminalProgress, show_json, show_table, tell

__all__ = ["add_parser"]

_HINT = ", as a sign-off asks for; --crossings 100000 is as many as l1ml run compares"


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    text = "compare all implementations of a model word for word, and sign the result off"
    parser = add_verb(subparsers, "verify", text)
    parser.add_argument("--with", dest="emulators", metavar="NAMES", help="only these, such as keras,integers")
    parser.add_argument("--crossings", type=int, metavar="N", help="random crossings beside physics, 10,000,000 by default")
    parser.add_argument(
        "--budget", type=positive, default=600.0, metavar="S", help="most seconds of RTL simulation, 600 by default"
    )
    parser.add_argument("--seed", type=int, default=1, help="start of the random crossings")
    text = "compute nothing: say whether verification.json is a sign-off of the present files, 0 if it is and 1 if not"
    parser.add_argument("--check", action="store_true", help=text)
    text = "put N faults of each kind into the network instead, and show which of them such a comparison finds"
    parser.add_argument("--mutate", type=int, metavar="N", help=text)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Compare and show the pairs, or check an earlier comparison."""
    from l1ml.emulation.verification import VerificationConfig
    from l1ml.workflow.verification_step import EMULATORS, FULL_SIZE, check_names, verification_step

    if args.mutate is not None:
        return _mutate(args)
    names = tuple(args.emulators.split(",")) if args.emulators else tuple(EMULATORS)
    n_random = FULL_SIZE if args.crossings is None else args.crossings
    config = VerificationConfig(n_random, args.seed, args.budget)
    if args.check:
        check_names(names)
        return _check(args, names, n_random)
    tell(f"to compare: all of physics and {n_random:,} random crossings" + _HINT * (args.crossings is None))
    content = perform_verb(verification_step(names, config), args)
    if content is not None:
        _show(content, args.model)
    return 0


def _check(args: argparse.Namespace, names: tuple[str, ...], n_random: int) -> int:
    """Say whether the earlier comparison is of the present files."""
    from l1ml.workflow.sign_off import objections, subject_of

    workspace = workspace_of(args)
    content = workspace.result("verification", "verify")
    reasons = objections(content, subject_of(workspace, names), n_random)
    if args.json:
        show_json({"signed_off": not reasons, "objections": reasons, "content_digest": content.get("content_digest")})
    for reason in reasons:
        tell(f"l1ml: no sign-off: {reason}")
    if not reasons and not args.json:
        _show(content, args.model)
    return 1 if reasons else 0


def _mutate(args: argparse.Namespace) -> int:
    """Show which faults are found; 1 if they are too few."""
    from l1ml.emulation.mutation import VERDICTS
    from l1ml.workflow.mutation_test import ENOUGH, mutation_test

    content = mutation_test(workspace_of(args), args.mutate, args.seed, TerminalProgress())
    if args.json:
        show_json(content)
    else:
        rows = [(kind, *(counts[name] for name in VERDICTS)) for kind, counts in content["kinds"].items()]
        show_table(f"faults in the network: {content['found']:.1%} found", ["kind", *VERDICTS], rows)
        for item in content["missed"]:
            tell(f"missed: {item['kind']}, {item['where']}")
    return 0 if content["found"] >= ENOUGH else 1


def _show(content: Mapping[str, Any], model: Path) -> None:
    """Tables of a comparison."""
    rows = [(f"{pair['a']} = {pair['b']}", pair["n_words"], pair["n_mismatched"]) for pair in content["pairs"]]
    show_table(f"score words compared (physics from {content['physics_from']})", ["pair", "words", "different"], rows)
    names = ("name", "n_physics", "n_random", "seconds")
    rows = [tuple(item[name] for name in names) for item in content["emulators"]]
    show_table("crossings that each saw", ["", "physics", "random", "s"], rows)
    show_table("stimuli", ["kind", "crossings"], list(content["stimuli"].items()))
    if content["latency"] is not None:
        show_table("RTL timing", ["", "value"], list(content["latency"].items()))
    tell(f"signed off: {content['content_digest']} in {model / 'run' / 'verification.json'}")
