"""Accuracy and LUTs of one classifier of jets in floats, in 8 bits, and with learned bits. Half an hour and more.

Makes the rows of ``l1ml/conversion/bit_operations.csv``. Jets are those of ``l1ml data generate-jets --n 6000 --radius 0.4``,
made here unless the variable JETS names a file: 17,836 to train, 4,653 to choose, 7,511 to test. One seed gave, with alkaid
0.8.2 and Yosys 0.70 (synth, xcup, no DSP; the test sample alone makes an accuracy uncertain by 0.55 points), words of 12 bits
standardised by the train jets (the networks now read those of `l1ml.data.jet_words`, of ten bits):

==================  =======  ==============  ============  =========  ==============
network             EBOPs    LUT (estimate)  LUT (Yosys)   logic, ns  accuracy, %
==================  =======  ==============  ============  =========  ==============
floats                                                                64.3
8 bits              100,848  37,298          not counted   53.6       63.8
learned bits        11,223   10,135          13,901        35.1       63.5
                    6,221    5,621           7,734         30.2       63.6
                    5,530    5,131           6,960         30.8       63.4
                    3,453    3,363           4,534         27.6       62.9
                    2,637    2,648           3,621         27.2       62.5
                    1,711    1,713           2,331         24.3       62.2
                    1,687    1,696           2,260         24.3       62.1
                    1,570    1,700           2,254         23.5       61.0
==================  =======  ==============  ============  =========  ==============

Run with: JETS=jets.h5 pytest tests/benchmarks/test_learned_bits.py --benchmark-only --benchmark-json=bits.json
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jet_hlf import EIGHT_BITS, JetHlf, synthesis
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml._optional import require
from l1ml.data import read_events
from l1ml.data.generation.jet_samples.class_jet_jobs import generate_jets
from l1ml.data.generation.jet_samples.class_jets import ClassJetsConfig
from l1ml.training.bits import BitsConfig, ParetoFront, count_bit_operations, learn_bits, settle
from l1ml.training.tagger import ReferenceConfig
from l1ml.training.tagger.layers import FloatLayers, LearnedLayers
from l1ml.training.tagger.reference import train_reference

CONFIG = BitsConfig(epochs=300, warm_up=30, batch_size=512, first_price=3e-6, last_price=8e-5, settle_epochs=20)
LIMITS = [1700, 1750, 1850, 2850, 3650, 5950, 6700, 12750]
"""EBOPs within which the best network is settled and counted."""

SCHEDULE = ReferenceConfig(epochs=60, batch_size=1024)
"""Of the networks whose bits are not learned."""


@cache
def jets() -> JetHlf:
    path = Path(os.environ.get("JETS", "jets_hlf.h5"))
    if not path.exists():
        generate_jets(ClassJetsConfig(jets=6000, radius=0.4), path)
    return JetHlf(read_events(path))


@cache
def learned() -> tuple[Any, ParetoFront]:
    require("keras").utils.set_random_seed(CONFIG.seed)
    network = jets().build(LearnedLayers(fractional=4))
    return network, learn_bits(network, jets().task(), CONFIG)


def measured(network: Any, name: str, folder: Path) -> dict[str, Any]:
    """What a frozen network reaches and costs."""
    estimate, report = synthesis(network, name, jets().test.words, folder)
    figures = {"lut": report.lut, "ff": report.ff, "dsp": report.dsp, "version": report.version, "part": report.part}
    accuracies = {"validation": jets().validation.accuracy(network), "test": jets().test.accuracy(network)}
    return {"estimate": estimate, **figures, **accuracies, "ebops": count_bit_operations(network)}


def test_float(benchmark: BenchmarkFixture) -> None:
    given = {"seed": 1}
    network = benchmark.pedantic(train_reference, (jets().build(FloatLayers()), jets().known, SCHEDULE), given, rounds=1)
    benchmark.extra_info["test"] = jets().test.accuracy(network)


def test_eight_bits(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    given = {"seed": 1}
    network = benchmark.pedantic(train_reference, (jets().build(EIGHT_BITS), jets().known, SCHEDULE), given, rounds=1)
    benchmark.extra_info.update(measured(network, "plain_8", tmp_path))


def test_learning(benchmark: BenchmarkFixture) -> None:
    _, front = benchmark.pedantic(learned, rounds=1)
    benchmark.extra_info["front"] = [(item.epoch, item.quality, item.bit_operations) for item in front.points]


@pytest.mark.parametrize("limit", LIMITS)
def test_learned_bits(benchmark: BenchmarkFixture, tmp_path: Path, limit: int) -> None:
    network, front = learned()
    frozen = benchmark.pedantic(settle, (network, front.best_within(limit), jets().task(), CONFIG), rounds=1)
    benchmark.extra_info.update(measured(frozen, f"learned_{limit}", tmp_path))
    assert benchmark.extra_info["dsp"] == 0
