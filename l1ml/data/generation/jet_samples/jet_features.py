r"""The 16 high-level features of the hls4ml LHC jets (J. Duarte et al., arXiv:1804.06913, section 2).

With :math:`z_i = p_{T,i} / \sum p_T` and :math:`R_{ij}` the distance in rapidity and azimuth, sums over the constituents that the
modified mass drop tagger (soft drop, beta 0, z_cut 0.1) leaves:

=================  ====================================================================================================
e2(b)              sum over pairs of :math:`z_i z_j R_{ij}^b`
e3(b)              sum over triples of :math:`z_i z_j z_k (R_{ij} R_{jk} R_{ki})^b`
v1(b), v2(b)       as e3 with the smallest distance alone, with the product of the two smallest ones
C1(b)              e2(b)                                          (arXiv:1305.0007; normalised energy correlation functions)
C2(b)              e3(b) / e2(b)^2
D2(b)              e3(b) / e2(b)^3                                (arXiv:1409.6298)
D2(a, b)           e3(a) / e2(b)^(3 a / b)                        (arXiv:1507.03018)
M2(b)              v1(b) / e2(b)                                  (arXiv:1609.07483)
N2(b)              v2(b) / e2(b)^2                                (arXiv:1609.07483)
=================  ====================================================================================================

``mass_mmdt`` is the mass of the groomed jet in GeV. Of the whole jet: ``zlogz`` is the sum of x ln x over the energy fractions x
of the constituents, and ``multiplicity`` their number. ``d2_a1_b1`` and ``d2_b1`` are one number by definition, in the public set
as here. A ratio whose denominator is 0 (fewer than two constituents are left) is 0.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from l1ml.data.generation.jet_samples.four_vectors import FloatArray, azimuth, azimuth_difference, rapidity, transverse
from l1ml.data.generation.jet_samples.jet_clusters import Jets, soft_drop
from l1ml.data.readers.jet_arrays import HLF_NAMES

__all__ = ["correlation_ratios", "high_level_features"]

_AT_ONCE = 1 << 13
"""Triples at once: what fits into the cache."""


def high_level_features(jets: Jets) -> dict[str, FloatArray]:
    """The features of each jet, an array of shape (n,) for each of `l1ml.data.readers.jet_arrays.HLF_NAMES`."""
    groomed = soft_drop(jets)
    fraction = jets.constituents[:, 3] / jets.momentum[jets.owner, 3]
    entropy = np.bincount(jets.owner, fraction * np.log(fraction), len(jets))
    rows = [correlation_ratios(left) for left in groomed.parts()] if len(jets) else []
    ratios = np.array(rows).reshape(-1, len(HLF_NAMES) - 3)
    columns = [entropy, *ratios.T, groomed.mass, jets.count.astype(np.float64)]
    return dict(zip(HLF_NAMES, columns, strict=True))


def correlation_ratios(momentum: FloatArray) -> FloatArray:
    """C1 (0, 1, 2), C2 (1, 2), D2 (1, 2), D2(1, 1), D2(1, 2), M2 (1, 2), N2 (1, 2) of constituents, four-vectors (n, 4)."""
    pt, y, phi = transverse(momentum), rapidity(momentum), azimuth(momentum)
    z = pt / pt.sum()
    first, second = _pairs(len(z))
    weight, distance = z[first] * z[second], np.hypot(y[first] - y[second], azimuth_difference(phi[first], phi[second]))
    e2 = [float(np.sum(weight * distance**beta)) for beta in (0, 1, 2)]
    e3, v1, v2 = _triples(z, weight, distance)
    return np.array(
        [
            *e2,
            _over(e3[0], e2[1] ** 2),
            _over(e3[1], e2[2] ** 2),
            _over(e3[0], e2[1] ** 3),
            _over(e3[1], e2[2] ** 3),
            _over(e3[0], e2[1] ** 3),
            _over(e3[0], e2[2] ** 1.5),
            _over(v1[0], e2[1]),
            _over(v1[1], e2[2]),
            _over(v2[0], e2[1] ** 2),
            _over(v2[1], e2[2] ** 2),
        ]
    )


def _triples(z: FloatArray, weight: FloatArray, distance: FloatArray) -> FloatArray:
    """e3, v1 and v2 with the powers 1 and 2, shape (3, 2), from the pairs in the order of `_pairs`."""
    n, sums = len(z), np.zeros((3, 2))
    total = n * (n - 1) * (n - 2) // 6
    table = _triple_table(1 << max(5, (n - 1).bit_length()))
    for start in range(0, total, _AT_ONCE):
        low_pair, near_pair, far_pair, last = (column[start : min(start + _AT_ONCE, total)] for column in table)
        a, b, c = distance[low_pair], distance[near_pair], distance[far_pair]
        share = weight[low_pair] * z[last]
        low, high = np.minimum(a, b), np.maximum(a, b)
        least, rest = np.minimum(low, c), np.maximum(low, c)
        two = least * np.minimum(rest, high)
        for row, term in enumerate((two * np.maximum(high, c), least, two)):
            weighted = share * term
            sums[row] += weighted.sum(), (weighted * term).sum()
    return sums


def _pairs(n: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Members i and j of all pairs i < j, by j and then by i: pair (i, j) has the number j (j - 1) / 2 + i, whatever n is."""
    second, first = np.tril_indices(n, -1)
    return first, second


@cache
def _triple_table(n: int) -> tuple[NDArray[np.intp], ...]:
    """Numbers of the pairs (i, j), (i, k), (j, k) and k itself, of all triples i < j < k < n, by k: those of fewer come first."""
    first, second = _pairs(n)
    last = np.repeat(np.arange(n), np.arange(n) * (np.arange(n) - 1) // 2)
    pair = np.arange(len(last)) - (last * (last - 1) * (last - 2) // 6)
    ends = last * (last - 1) // 2
    return pair, ends + first[pair], ends + second[pair], last


def _over(numerator: float, denominator: float) -> float:
    return float(numerator / denominator) if denominator > 0 else 0.0
