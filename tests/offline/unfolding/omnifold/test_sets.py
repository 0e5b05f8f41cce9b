"""OmniFold on sets of objects."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from angle_pairs import AnglePairs, mean_cosine

from offline.unfolding import GaussianToy, Objects, Simulation, Uncertainties, unfold
from offline.unfolding.omnifold import OmniFold
from offline.unfolding.ratio import RatioSettings
from offline.unfolding.replicas.replica_fit import ReplicaFit
from offline.unfolding.replicas.replica_job import ReplicaJob, write_inputs

SMALL = RatioSettings(hidden=(24,), objects=(24, 12), epochs=8, batch=300, learning_rate=1e-2, degree=0)
TINY = replace(SMALL, hidden=(6,), objects=(6,), epochs=2)


def test_a_correlation_of_two_objects_is_unfolded(rng: np.random.Generator) -> None:
    """No column has it, nor has anything about one object: columns see nothing, sets the closed form."""
    toy = AnglePairs()
    mc, data = toy.sample(6000, rng, nature=False), toy.sample(6000, rng, nature=True).measured()
    method = OmniFold(iterations=2, ratio=SMALL)
    unfolded = method.fit(mc, data)
    expected = toy.correlation(2)
    np.testing.assert_allclose(mean_cosine(mc, unfolded), expected, atol=0.05)
    assert expected[0] > 0.2
    assert unfolded.total == pytest.approx(data.n, rel=0.01)
    blind = replace(method, iterations=1, ratio=TINY).fit(mc.columns_only(), data.columns_only())
    assert abs(mean_cosine(mc, blind)[-1]) < 0.05


def _with_object(sample: Simulation) -> Simulation:
    """z and x as those of one object; the column keeps a number that says nothing."""
    rng = np.random.default_rng(sample.n)

    def one(values: np.ndarray, rows: np.ndarray) -> Objects:
        return Objects(values[:, None, :], rows[:, None], ("z",))

    sets = {"gen_objects": one(sample.gen, sample.pass_gen), "reco_objects": one(sample.reco, sample.pass_reco)}
    noise = {name: rng.normal(size=(sample.n, 1)) for name in ("gen", "reco")}
    return replace(sample, **sets, **noise, gen_names=("noise",), reco_names=("noise",))


def test_sets_of_one_object_are_columns(rng: np.random.Generator) -> None:
    toy = GaussianToy(smear=0.5, shift=0.4, width=0.9, misses=0.2, fakes=0.1)
    mc, nature = toy.simulation(10_000, rng), toy.nature(10_000, rng)
    method = OmniFold(iterations=1, ratio=replace(SMALL, quadratic=False))
    columns = method.fit(mc, nature.measured())
    sets = method.fit(_with_object(mc), _with_object(nature).measured())
    z = columns.gen[:, 0]
    means, widths = [], []
    for unfolded in (columns, sets):
        mean = np.average(z, weights=unfolded.weight)
        means.append(mean)
        widths.append(np.sqrt(np.average(np.square(z - mean), weights=unfolded.weight)))
    # 0.01: the statistical error of a mean of 10,000 events
    assert means[1] == pytest.approx(means[0], abs=0.03)
    assert widths[1] == pytest.approx(widths[0], abs=0.03)
    assert means[0] > 0.2
    assert sets.total == pytest.approx(columns.total, rel=0.01)


class Kept(dict):  # type: ignore[type-arg]
    """A checkpoint in memory."""

    def read(self, step: str) -> object:
        return self.get(step)

    def write(self, step: str, arrays: object) -> None:
        self[step] = arrays


def test_goes_on_after_a_stop_as_if_there_was_none(rng: np.random.Generator) -> None:
    toy = AnglePairs()
    mc, data = toy.sample(2000, rng, nature=False), toy.sample(2000, rng, nature=True).measured()
    method = OmniFold(iterations=2, ratio=TINY)
    kept = Kept()
    whole = method.fit(mc, data, seed=5, checkpoint=kept)
    assert len(kept) == 4
    for step in ("1_gen", "1_reco", "0_gen"):
        del kept[step]
        again = method.fit(mc, data, seed=5, checkpoint=Kept(kept))
        np.testing.assert_array_equal(again.iterations, whole.iterations)
        assert again.record == whole.record


def test_replicas_are_the_same_in_other_processes(tmp_path: Path, rng: np.random.Generator) -> None:
    toy = AnglePairs()
    mc, data = toy.sample(1500, rng, nature=False), toy.sample(1500, rng, nature=True).measured()
    method = OmniFold(iterations=1, ratio=TINY)
    unfolded = unfold(method, mc, data, Uncertainties(2, 0, 0))
    write_inputs(tmp_path, mc, data, {}, {})
    for number, replica in enumerate(unfolded.replicas):
        job = ReplicaJob(tmp_path, ReplicaFit(replica.kind, replica.index, 1), method, None, number)
        job.run(lambda: None)
        np.testing.assert_array_equal(job.read().weight, replica.weight)
        assert (replica.weight != unfolded.weight).any()


def test_background_is_taken_off_sets(rng: np.random.Generator) -> None:
    toy = AnglePairs()
    mc, nature = toy.sample(3000, rng, nature=False), toy.sample(3000, rng, nature=True)
    data = nature.measured().without(toy.sample(500, rng, nature=False).measured())
    unfolded = OmniFold(iterations=1, positive=True, ratio=TINY).fit(mc, data)
    assert unfolded.total == pytest.approx(2500, rel=0.05)


_ON_JAX = """
import sys
sys.path[:0] = sys.argv[1:]
import keras, numpy as np, test_sets
assert keras.backend.backend() == "jax"
print(*test_sets.tiny_correlation())
"""


def tiny_correlation() -> list[float]:
    """Of a small fit."""
    rng = np.random.default_rng(3)
    toy = AnglePairs()
    mc, data = toy.sample(3000, rng, nature=False), toy.sample(3000, rng, nature=True).measured()
    return [float(value) for value in mean_cosine(mc, OmniFold(iterations=1, ratio=replace(SMALL, epochs=4)).fit(mc, data))]


def test_the_same_on_jax() -> None:
    pytest.importorskip("jax")
    here = Path(__file__).parent
    command = [sys.executable, "-c", _ON_JAX, str(here), str(here.parents[2])]
    done = subprocess.run(command, env=os.environ | {"KERAS_BACKEND": "jax"}, capture_output=True, text=True, check=True)
    np.testing.assert_allclose(np.array(done.stdout.split(), dtype=float), tiny_correlation(), atol=0.02)
