from __future__ import annotations

import os
from pathlib import Path

import cpp_toy
import network_strategy
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from l1ml.conversion.cpp.integer_type import type_of_stage
from l1ml.hardware import FixedPoint
from l1ml.model import Network
from l1ml.model.builder import NetworkBuilder
from l1ml.model.operations import (
    Absolute,
    Add,
    Affine,
    ArgMax,
    Concatenate,
    Dense,
    Gather,
    Maximum,
    Product,
    Scale,
    Square,
    Stage,
)

NETWORKS = st.one_of(network_strategy.networks(), network_strategy.branched_networks())
SANITIZE = ("-O0", "-fsanitize=undefined")
OPTIONS = [("-O0",), ("-O2",), ("-O3", "-march=native"), SANITIZE]
# the first example is always the simplest one
ANY_TIME = settings(deadline=None, max_examples=3, suppress_health_check=list(HealthCheck))


def dense(n_in: int, n_out: int, rng: np.random.Generator, top: int = 5, positions: int = 1) -> Dense:
    return Dense(rng.integers(-top, top + 1, (n_in, n_out)), 2, rng.integers(-top, top + 1, n_out), 3, positions)


@ANY_TIME
@given(networks=st.lists(NETWORKS, min_size=12, max_size=12))
def test_random_networks_without_undefined_behaviour(
    networks: list[Network], tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str]
) -> None:
    cpp_toy.check(networks, tmp_path_factory.mktemp("random"), *SANITIZE)
    assert "runtime error" not in capfd.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
@ANY_TIME
@given(networks=st.lists(NETWORKS, min_size=60, max_size=60))
def test_many_random_networks(
    options: tuple[str, ...],
    networks: list[Network],
    tmp_path_factory: pytest.TempPathFactory,
    capfd: pytest.CaptureFixture[str],
) -> None:
    cpp_toy.check(networks, tmp_path_factory.mktemp("random"), *options)
    assert "runtime error" not in capfd.readouterr().err


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_the_options_of_the_compiler_change_no_word(
    options: tuple[str, ...], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    cpp_toy.check([cpp_toy.small_network(), wide_network(), branches()], tmp_path, *options, n=2000)
    assert "runtime error" not in capfd.readouterr().err


def wide_network() -> Network:
    """Words of 16, 32 and 64 bits, in sources, sums and results; partial sums that are wider than the last one."""
    formats = [FixedPoint(16, 16), FixedPoint(20, 20), FixedPoint(31, 31, False), FixedPoint(32, 32)]
    builder = NetworkBuilder(formats)
    narrow, wide = (
        builder.add(name, Gather(np.array(index)), 0) for name, index in (("narrow", [0, 0, -1]), ("wide", [1, 3, 2]))
    )
    square = builder.add("square", Square(), narrow)
    product = builder.add("product", Product(), narrow, wide)
    sums = builder.add("sum", Add(-1), square, product)
    shifted = builder.add("shifted", Scale(np.array([0, 3, 1])), sums)
    magnitude = builder.add("magnitude", Absolute(), shifted)
    scaled = builder.add("scaled", Affine(np.array([3, -2, 1]), 1, np.array([0, 1 << 40, -5]), 0), narrow)
    largest = builder.add("largest", Maximum(), magnitude)
    place = builder.add("place", ArgMax(), magnitude)
    either = builder.add("either", Absolute(), wide)
    everything = builder.add("all", Concatenate(), magnitude, scaled, largest, place, either)
    builder.add(
        "dense", Dense(np.random.default_rng(1).integers(-3, 4, (11, 4)), 0, np.array([0, 1, -7, 1 << 33]), 0), everything
    )
    return builder.build()


def branches() -> Network:
    """One word that meets many, groups of words, and a stage that is read long after it was made."""
    rng = np.random.default_rng(2)
    builder = NetworkBuilder([FixedPoint(7, 7, bool(index % 2)) for index in range(12)])
    first = builder.add("dense", dense(4, 3, rng, positions=3), 0)
    largest = builder.add("largest", Maximum(3), first)
    place = builder.add("place", ArgMax(3), first)
    single = builder.add("single", ArgMax(9), first)
    one = builder.add("one", Maximum(), largest)
    less = builder.add("less", Add(-1), first, one)
    times = builder.add("times", Product(), one, first)
    more = builder.add("more", Add(), one, times)
    itself = builder.add("itself", Product(), less, less)
    builder.add("all", Concatenate(), 0, first, largest, place, single, less, more, itself)
    return builder.build()


def test_sums_of_many_products_are_written_in_parts(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(3)
    formats = [FixedPoint(7, 7, False)] * 140
    # both ends of the second sum are words of 16 bits, a partial sum need not be one
    kernel = np.stack([rng.integers(-9, 10, 140), np.where(np.arange(140) < 70, 3, -3)], axis=1)
    network = Network(formats, [Dense(kernel, 0, np.zeros(2, np.int64), 0)])
    stage = network.stages[1]
    assert type_of_stage(Stage(0, stage.low[1:], stage.high[1:])).width == 16
    assert network.operations[0].peak(network.stages[0]) > 2**15
    cpp_toy.check([network, Network(formats, [Dense(kernel[:, 1:], 0, np.zeros(1, np.int64), 0)])], tmp_path, *SANITIZE)
    assert "runtime error" not in capfd.readouterr().err


def test_constants_and_networks_without_operations(tmp_path: Path) -> None:
    formats = [FixedPoint(5, 5)] * 3
    zeros = Dense(np.zeros((3, 2), np.int64), 0, np.array([4, -(1 << 40)]), 0)
    # a weight that nothing can reach is not even written down: it would be wider than the sum
    padded = [Gather(np.array([0, -1, 1])), Dense(np.array([[1], [1 << 30], [2]]), 0, np.array([0]), 0)]
    cpp_toy.check([Network(formats, operations) for operations in ([], [zeros], padded)], tmp_path)


@pytest.mark.parametrize("n", [1, 2, 31, 32, 33, 65])
def test_blocks_that_are_not_full(n: int, tmp_path: Path) -> None:
    cpp_toy.check([cpp_toy.small_network()], tmp_path, n=n)


@pytest.mark.skipif(os.system("which clang++ > /dev/null") != 0, reason="clang++ is not there")
def test_another_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "g++").symlink_to(os.popen("which clang++").read().strip())
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    cpp_toy.check([cpp_toy.small_network(), wide_network(), branches()], tmp_path, "-O2")
