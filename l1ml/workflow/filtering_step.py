"""Step 6 of a model that is trained on hits: background that its scores reject, beside what the number of neighbours tells."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from l1ml.data import Events, split_of
from l1ml.data.hit_words import hits_of_tracks
from l1ml.emulation.integers import IntegerEmulator
from l1ml.model.graphs import HitGraph
from l1ml.progress import Progress
from l1ml.training import HITS
from l1ml.trigger.tagging.hits import ScoredHits, hit_filter_performance
from l1ml.workflow.hits_step import hit_training
from l1ml.workflow.step import Step
from l1ml.workflow.workspace import Workspace

__all__ = ["FILTERING"]

_VALIDATION, _TEST = 1, 2


def _inputs(workspace: Workspace) -> Any:
    return {
        "model": workspace.model().digest,
        "fractions": workspace.recipe.training.fractions,
        "filtering": asdict(workspace.recipe.filtering),
        "events": workspace.event_digests(),
    }


def _work(workspace: Workspace, progress: Progress) -> dict[str, Any]:
    model, events, training = workspace.model(), workspace.events(HITS.process), hit_training(workspace)
    progress.start("filtering", 1)
    part = split_of(events.group, training.fractions)
    graph, emulator = HitGraph.of(training.detector, training.rule), IntegerEmulator(model.network)
    validation, test = (_scored(events.select(part == index), graph, emulator) for index in (_VALIDATION, _TEST))
    found = hit_filter_performance(validation, test, workspace.recipe.filtering, kept=training.kept)
    progress.advance()
    progress.finish()
    return {
        **found.to_dict(),
        "n_derived": len(validation.hits),
        "n_tried": len(test.hits),
        "hits": {"track": int((test.hits & test.of_track).sum()), "background": int((test.hits & ~test.of_track).sum())},
        "graph": {"detector": graph.detector.to_dict(), "possible_edges": graph.n_edges, "neighbours": graph.n_places},
        "bit_operations": model.metrics.get("bit_operations"),
        "model_digest": model.digest,
    }


def _scored(events: Events, graph: HitGraph, emulator: IntegerEmulator) -> ScoredHits:
    words = events.features()
    n_neighbours = graph.active(words > 0).sum(axis=2, dtype=np.int64)
    return ScoredHits(emulator.predict(words), words > 0, hits_of_tracks(events), n_neighbours)


FILTERING = Step("filtering", "run", _inputs, _work, sample=HITS)
