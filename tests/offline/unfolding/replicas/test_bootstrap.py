from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from offline.unfolding import GaussianToy
from offline.unfolding.replicas import bootstrapped, poisson_counts


def test_counts_are_poisson_for_consecutive_identities() -> None:
    n = 400_000
    counts = poisson_counts(np.arange(n, dtype=np.uint64), kind="data", index=0, seed=1)
    expected = np.array([math.exp(-1) / math.factorial(k) for k in range(6)])
    found = np.bincount(counts, minlength=6)[:6] / n
    assert (np.abs(found - expected) < 4 * np.sqrt(expected / n)).all()
    assert abs(counts.var() - 1) < 4 * math.sqrt(3 / n)  # the fourth central moment of a Poisson number of mean one is 4


def test_replicas_kinds_seeds_and_neighbours_are_unrelated() -> None:
    event = np.arange(100_000, dtype=np.uint64)
    base = poisson_counts(event, kind="data", index=0, seed=1)
    others = [
        poisson_counts(event, kind="data", index=1, seed=1),
        poisson_counts(event, kind="mc", index=0, seed=1),
        poisson_counts(event, kind="data", index=0, seed=2),
        np.roll(base, 1),
    ]
    assert all(abs(np.corrcoef(base, other)[0, 1]) < 4 / math.sqrt(event.size) for other in others)


@given(st.integers(0, 2**32), st.integers(0, 200), st.randoms(use_true_random=False))
def test_counts_belong_to_the_event_in_any_order_and_part(seed: int, index: int, random) -> None:
    event = np.array([7, 7, 2**63, 0, 5, 11, 7], dtype=np.uint64)
    counts = poisson_counts(event, kind="mc", index=index, seed=seed)
    order = np.array(random.sample(range(7), 7))
    np.testing.assert_array_equal(poisson_counts(event[order], kind="mc", index=index, seed=seed), counts[order])
    np.testing.assert_array_equal(poisson_counts(event[2:5], kind="mc", index=index, seed=seed), counts[2:5])
    assert counts[0] == counts[1] == counts[6]


def test_the_numbers_never_change() -> None:
    counts = poisson_counts(np.arange(12, dtype=np.uint64), kind="data", index=3, seed=1)
    assert counts.tolist() == [1, 0, 1, 1, 1, 2, 0, 2, 1, 1, 0, 0]


def test_samples_keep_their_rows(rng: np.random.Generator) -> None:
    toy = GaussianToy(misses=0.2, fakes=0.1)
    mc, data = toy.simulation(500, rng), toy.nature(500, rng).measured()
    assert bootstrapped(mc, "mc", 0, 1).n == mc.n
    drawn = bootstrapped(data, "data", 0, 1)
    np.testing.assert_array_equal(drawn.weight, poisson_counts(data.event, kind="data", index=0, seed=1))
    assert drawn.names == data.names
