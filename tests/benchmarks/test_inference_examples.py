"""Examples that are physics, in full: what they promise, and that ten minutes are enough.

Run with: pytest tests/benchmarks/test_inference_examples.py --benchmark-only
Numbers and figures go to $L1ML_EXAMPLES where it is set.

coupling, seed 1 (Keras 3.15.1, TensorFlow 2.21.0, one thread, 164 s of one processor; chosen by what it says of expected events
at known couplings and scales, before any of these toys): expected 95 % limits -0.0889 to 0.0711 exact, -0.0860 to 0.0714 learnt
(1.6 % shorter), -0.1015 to 0.0788 from a histogram. 300 toys at each of c = -0.09, 0 and 0.07, the same for both: 94.6 % of the
95 % intervals hold the truth with the learnt ratio and 94.6 % with the exact likelihood (error 0.7 %); with quantiles of the
other half of the toys 95.0 and 94.9 %. Calibrated with all toys the limits are -0.0860 to 0.0748 learnt and -0.0977 to 0.0722
exact: of 300 toys a quantile is known to 11 %, and such a length to 4 %. The 92.0 % that an earlier network had with 400 other
toys were those toys: the exact likelihood has 91.8 % of the same (error 1.1 %).

axion, seed 1 (bayesflow 2.0.12, the same otherwise), measured earlier, 34 s: coverage of 500 simulations 69.8 and 95.4 % for the
mass, 69.6 and 96.2 % for the lifetime, p = 0.51; error of the posterior mean in normal scores of the prior 0.166 and 0.444, that
of a straight line 0.237 and 0.458.

top-mass, seed 1 (pythia8mc 8.317.2, fastjet 3.5.2, the same otherwise), settings as they were before these samples
were looked at, 657 s of one processor for Pythia (394 s for the 150 samples to learn from, the rest by their number) and 54 s for
all the rest: of 100 samples 70 and 95 % of the intervals of 68.3 and 95.4 % hold the truth (errors 4.7 and 2.1 %), p = 0.14
of all pulls, mean error -0.12 +- 0.11 GeV; half of the 68.3 % interval 1.05 GeV. Histograms of the three-jet mass: 63 and 92 %,
p = 0.02, 1.88 GeV; of it and the lightest pair: 58 and 89 % (p = 0.03 and 0.006 of these two), 1.23 GeV: too narrow, maybe for
the noise of 72 templates, which was not looked into. Of the energy scale 0.68, 0.98 and 0.69 % are left of 1 %.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from offline.inference.examples.catalogue import run_example

PROCESSOR_SECONDS = 600


def ran(benchmark: BenchmarkFixture, name: str, folder: Path, most: float = PROCESSOR_SECONDS) -> dict[str, Any]:
    """Numbers of an example; all of it in this process."""
    kept = os.environ.get("L1ML_EXAMPLES")
    start = time.process_time()
    numbers, _ = benchmark.pedantic(run_example, args=(name, Path(kept) / name if kept else folder), rounds=1)
    found: dict[str, Any] = {key: value for key, value in numbers.items() if key not in ("grid", "expected")}
    spent = time.process_time() - start
    benchmark.extra_info |= {**found, "cpu_s": spent}
    assert spent < most
    return found


def test_a_coupling_is_measured_as_well_as_it_can_be(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    found = ran(benchmark, "coupling", tmp_path)
    lengths = {name: high - low for name, (low, high) in found["limits_95"].items()}
    assert lengths["learnt"] == pytest.approx(lengths["exact"], rel=0.05)
    assert lengths["learnt"] < lengths["histogram"]
    exact, learnt = (found["pooled_95"][name] for name in ("exact", "learnt"))
    # with 900 toys three errors are 2.2 %, and 92 % fails
    assert learnt["toys"] >= 900
    assert learnt["share"] == pytest.approx(0.95, abs=3 * learnt["error"])
    assert learnt["calibrated"] == pytest.approx(0.95, abs=3 * learnt["error"])
    # the same toys: chance is taken off
    assert learnt["share"] == pytest.approx(exact["share"], abs=0.02)


def test_mass_and_lifetime_of_axions_are_held(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    found = ran(benchmark, "axion", tmp_path)
    # one of a hundred right posteriors is below
    assert found["p_value"] > 0.01
    for level, shares in found["coverage"].items():
        error = (float(level) * (1 - float(level)) / found["simulations_judged"]) ** 0.5
        assert shares == pytest.approx([float(level)] * len(shares), abs=3 * error)
    widths = found["in_normal_scores"]
    for network, line in zip(widths["error_of_posterior_mean"], widths["error_of_straight_line"], strict=True):
        assert network < 1.02 * line


def test_the_top_mass_is_held_and_known_better_than_from_histograms(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    pytest.importorskip("pythia8mc")
    # ten minutes of two processors: nearly all of it is Pythia, which is spread
    found = ran(benchmark, "top-mass", tmp_path, 2 * PROCESSOR_SECONDS)
    learnt, histogram = (found["methods"][name] for name in ("learnt", "three-jet mass"))
    assert learnt["p_value"] > 0.01
    assert all(row["p_value"] > 0.01 for row in learnt["coverage"].values())
    assert learnt["half_length_68"] < histogram["half_length_68"]
    # the mass of the W boson says more of the energy scale than is believed beforehand
    assert learnt["scale_sd"] < 0.01
