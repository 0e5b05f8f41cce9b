"""How good the gate is: faults put into the network of a model, and which of them its words find."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from l1ml.emulation.directed import directed_words
from l1ml.emulation.mutation import FAULTS, VERDICTS, found_share, hunt, mutants
from l1ml.emulation.stimuli import stimulus_blocks
from l1ml.errors import ConfigError
from l1ml.progress import Progress
from l1ml.workflow.workspace import Workspace

__all__ = ["ENOUGH", "mutation_test"]

ENOUGH = 0.95
"""Share of the faults that must be found."""

_N_RANDOM = 300_000


def mutation_test(workspace: Workspace, most: int, seed: int, progress: Progress) -> dict[str, Any]:
    """Put at most `most` faults of each kind into the network and compare it with the original on the crossings of the gate.

    Returns
    -------
    dict
        ``kinds``: number of each verdict by kind; ``found``: share of all faults; ``missed``: those that nothing showed, with
        ``equivalent`` ones and the proofs apart.

    Raises
    ------
    ConfigError
        If no fault is asked for.
    """
    if most < 1:
        msg = f"at least one fault of each kind is needed, received {most}: without any, all would count as found"
        raise ConfigError(msg)
    model, rng = workspace.model(), np.random.default_rng(seed)
    words = [directed_words(model.network, rng), model.golden.inputs]
    words += [block for _, block in stimulus_blocks(model.network.input_formats, _N_RANDOM, seed)]
    faulty = list(mutants(model.network, rng, most))
    outcomes = []
    progress.start("mutants", len(faulty))
    for item in faulty:
        outcomes.append(hunt(model.network, item, words))
        progress.advance()
    progress.finish()
    kinds = {kind: [item.verdict for item in outcomes if item.kind == kind] for kind in FAULTS}
    return {
        "model_digest": model.digest,
        "kinds": {kind: {name: given.count(name) for name in VERDICTS} for kind, given in kinds.items() if given},
        "found": found_share(outcomes),
        **{name: [asdict(item) for item in outcomes if item.verdict == name] for name in ("equivalent", "missed")},
    }
