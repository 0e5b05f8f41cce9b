from __future__ import annotations

from itertools import combinations

import awkward as ak
import fastjet
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jets_toy import toy_constituents, toy_jets

from l1ml.data.generation.jet_samples.four_vectors import azimuth, azimuth_difference, mass, rapidity, transverse
from l1ml.data.generation.jet_samples.jet_features import correlation_ratios, high_level_features
from l1ml.data.readers.jet_arrays import HLF_NAMES


def slowly(momentum: np.ndarray) -> list[float]:
    """The definitions, word by word."""
    z = transverse(momentum) / transverse(momentum).sum()
    y, phi = rapidity(momentum), azimuth(momentum)

    def distance(i: int, j: int) -> float:
        return float(np.hypot(y[i] - y[j], azimuth_difference(phi[i], phi[j])))

    rows = range(len(z))
    e2 = {b: sum(z[i] * z[j] * distance(i, j) ** b for i, j in combinations(rows, 2)) for b in (0, 1, 2)}
    triples = [
        (z[i] * z[j] * z[k], sorted((distance(i, j), distance(j, k), distance(k, i)))) for i, j, k in combinations(rows, 3)
    ]
    e3 = {b: sum(share * np.prod(sides) ** b for share, sides in triples) for b in (1, 2)}
    v1 = {b: sum(share * sides[0] ** b for share, sides in triples) for b in (1, 2)}
    v2 = {b: sum(share * (sides[0] * sides[1]) ** b for share, sides in triples) for b in (1, 2)}
    ratios = [e3[b] / e2[b] ** power for power in (2, 3) for b in (1, 2)]
    mixed = [e3[1] / e2[1] ** 3, e3[1] / e2[2] ** 1.5]
    return [*e2.values(), *ratios, *mixed, *(v1[b] / e2[b] for b in (1, 2)), *(v2[b] / e2[b] ** 2 for b in (1, 2))]


@settings(max_examples=25, deadline=None)
@given(n=st.integers(3, 12), seed=st.integers(0, 2**32 - 1))
def test_ratios_follow_their_definitions(n: int, seed: int) -> None:
    momentum = toy_constituents(n, np.random.default_rng(seed))
    np.testing.assert_allclose(correlation_ratios(momentum), slowly(momentum), rtol=1e-9, atol=1e-15)


def test_ratios_are_those_of_the_contrib_of_fastjet(rng: np.random.Generator) -> None:
    """Different code, the reference of the field: on a jet that spans several blocks of triples."""
    momentum = toy_constituents(70, rng)
    row = ak.Array([[dict(zip(("px", "py", "pz", "E"), part, strict=True)) for part in momentum.tolist()]])
    jets = fastjet.ClusterSequence(row, fastjet.JetDefinition(fastjet.cambridge_algorithm, 10.0))
    asked = [("c1", 1), ("c1", 2), ("c2", 1), ("c2", 2), ("d2", 1), ("d2", 2), ("generalizedd2", 1), ("generalizedd2", 2)]
    asked += [("m2", 1), ("m2", 2), ("n2", 1), ("n2", 2)]
    expected = [jets.exclusive_jets_energy_correlator(1, beta, 2, -1, 1.0, name, True)[0] for name, beta in asked]
    np.testing.assert_allclose(correlation_ratios(momentum)[1:], expected, rtol=1e-9)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_ratios_do_not_see_rotations_boosts_along_the_beam_and_scale(seed: int) -> None:
    rng = np.random.default_rng(seed)
    momentum = toy_constituents(20, rng)
    angle, boost, scale = rng.uniform(-3, 3, 3)
    px, py, pz, energy = momentum.T
    turned = np.stack(
        [
            px * np.cos(angle) - py * np.sin(angle),
            px * np.sin(angle) + py * np.cos(angle),
            pz * np.cosh(boost) + energy * np.sinh(boost),
            energy * np.cosh(boost) + pz * np.sinh(boost),
        ],
        axis=1,
    )
    np.testing.assert_allclose(correlation_ratios(turned * np.exp(scale)), correlation_ratios(momentum), rtol=1e-6)


def test_a_ratio_over_nothing_is_zero(rng: np.random.Generator) -> None:
    np.testing.assert_array_equal(correlation_ratios(toy_constituents(1, rng)), np.zeros(13))
    np.testing.assert_array_equal(correlation_ratios(toy_constituents(2, rng))[3:], np.zeros(10))


def test_features_of_whole_jets(rng: np.random.Generator) -> None:
    jets = toy_jets([40, 1, 7], rng)
    features = high_level_features(jets)
    assert tuple(features) == HLF_NAMES
    np.testing.assert_array_equal(features["multiplicity"], [40, 1, 7])
    fraction = jets.parts()[2][:, 3] / jets.momentum[2, 3]
    assert features["zlogz"][2] == pytest.approx(np.sum(fraction * np.log(fraction)))
    assert features["zlogz"][1] == 0
    assert (features["mass_mmdt"] <= mass(jets.momentum) + 1e-3).all()
    np.testing.assert_array_equal(features["d2_b1_mmdt"], features["d2_a1_b1_mmdt"])
    assert all(len(values) == 0 for values in high_level_features(jets.select(np.zeros(3, bool))).values())
