"""The rows of ``l1ml/conversion/spread.csv`` that are made of random weights, made again. Minutes each.

Run with: pytest tests/benchmarks/test_estimate_spread.py --benchmark-only
"""

from __future__ import annotations

from pathlib import Path

import pytest
from jedi_linear import SHAPES, Shape, jedi_project
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml.conversion.spread import pairs
from l1ml.conversion.yosys import synthesise_with_yosys


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_yosys_counts_what_the_table_says(benchmark: BenchmarkFixture, tmp_path: Path, shape: Shape) -> None:
    project = jedi_project(shape)
    assert project.manifest["estimate"]["lut"] == pytest.approx(shape.published_lut, rel=0.03)
    folder = project.write(tmp_path)
    report = benchmark.pedantic(synthesise_with_yosys, (folder,), rounds=1)
    name = f"JEDI-linear {shape.name}, random weights"
    known = {pair.network: pair for pair in pairs() if pair.weights == "random"}
    benchmark.extra_info.update({"yosys_lut": report.lut, "version": report.version, "in_table": name in known})
    if name in known and report.version == known[name].version:
        assert report.lut == known[name].lut
