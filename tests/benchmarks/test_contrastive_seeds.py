"""The contrastive detector of five seeds, in the formats of its recipe and in wide ones that stand for floats.

Events are those of the recipe, made by ``l1ml data generate models/axo_contrastive``; without them this is skipped. Nothing of a
signal is seen in training.

Run with: pytest tests/benchmarks/test_contrastive_seeds.py --benchmark-only --benchmark-json=seeds.json
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml._optional import require
from l1ml.emulation.integers import IntegerEmulator
from l1ml.training import TrainingConfig
from l1ml.training.contrastive import ContrastiveFormats
from l1ml.trigger.menus.crossing_rate import CrossingRate
from l1ml.trigger.roc import area_under_curve
from l1ml.trigger.thresholds import threshold_at_rate
from l1ml.workflow.decision_step import unseen_events
from l1ml.workflow.workspace import ZERO_BIAS, Workspace

MODELS = Path(__file__).parents[2] / "models"
SEEDS = (1, 2, 3, 4, 5)
RATES_KHZ = (1.0, 5.0, 10.0)
WIDE = ContrastiveFormats(
    input_bits=12, input_integer=6, weight_bits=12, weight_integer=3, bias_bits=16, bias_integer=5,
    activation_bits=16, activation_integer=8, latent_bits=16, latent_integer=8,
    feature_bits=16, feature_integer=8, difference_bits=16, difference_integer=8,
)  # fmt: skip


def figures(workspace: Workspace, config: TrainingConfig) -> dict[str, float]:
    """AUC and efficiencies of each signal of one training."""
    require("keras").utils.clear_session()
    model = workspace.recipe.family.train(workspace.events(ZERO_BIAS), config, name="seeds").model
    emulator = IntegerEmulator(model.network)
    events = {process: unseen_events(workspace, process, model) for process in workspace.event_files()}
    words = {process: emulator.predict(item.features()) for process, item in events.items()}
    usual, weight = words.pop(ZERO_BIAS), events[ZERO_BIAS].weight
    thresholds = {rate: threshold_at_rate(usual, weight, rate, CrossingRate().khz) for rate in RATES_KHZ}
    found = {}
    for signal, scores in words.items():
        found[f"{signal} AUC"] = area_under_curve(scores, usual, weight)
        for rate, threshold in thresholds.items():
            found[f"{signal} at {rate:g} kHz"] = float(np.mean(scores >= threshold))
    return found


@pytest.mark.parametrize("formats", ["recipe", "wide"])
def test_seeds(benchmark: BenchmarkFixture, formats: str) -> None:
    workspace = Workspace(MODELS / "axo_contrastive", Path("hls_projects"))
    if not all(path.is_file() for path in workspace.event_files().values()):
        pytest.skip("no events: l1ml data generate models/axo_contrastive")
    recipe = workspace.recipe.training
    config = recipe if formats == "recipe" else replace(recipe, quantisation=WIDE, sparsity=0.0)
    rows = benchmark.pedantic(lambda: [figures(workspace, replace(config, seed=seed)) for seed in SEEDS], rounds=1)
    for name in rows[0]:
        values = [row[name] for row in rows]
        benchmark.extra_info[name] = {"mean": float(np.mean(values)), "spread": float(np.std(values, ddof=1)), "seeds": values}
