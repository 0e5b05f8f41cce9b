from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from rate_toy import Case, cases, menu_of

from l1ml.errors import ConfigError


@given(cases())
@settings(deadline=None)
def test_overlap_equals_a_loop_over_crossings(case):
    overlap, names = case.table.overlap, case.menu.names
    weight = [Fraction(value) for value in case.weight]
    for a, name in enumerate(names):
        alone = sum(w for w, bits in zip(weight, case.bits, strict=True) if bits[a])
        for b, other in enumerate(names):
            both = [w for w, bits in zip(weight, case.bits, strict=True) if bits[a] and bits[b]]
            fraction, count = overlap.of_pair(name, other)
            assert count == len(both)
            if alone:
                assert fraction == pytest.approx(float(sum(both) / alone), rel=1e-12)
            else:
                assert np.isnan(fraction)


@given(cases())
@settings(deadline=None)
def test_everything_overlaps_with_itself(case):
    diagonal = np.diag(case.table.overlap.fraction)
    assert ((diagonal == 1.0) == np.array(case.bits).any(axis=0)).all()
    np.testing.assert_array_equal(case.table.overlap.counts, case.table.overlap.counts.T)


def test_a_fraction_of_nothing_is_none_in_json():
    overlap = Case(menu_of({}, {}), [[True, False], [True, False]], [1.0, 2.0], [0, 1]).table.overlap
    content = json.loads(json.dumps(overlap.to_dict(), allow_nan=False))
    assert content == {"names": ["L1_0", "L1_1"], "fraction": [[1.0, 0.0], [None, None]], "counts": [[2, 0], [0, 0]]}


def test_an_unknown_algorithm_is_named():
    overlap = Case(menu_of({}, {}), [[True, False], [True, False]], [1.0, 2.0], [0, 1]).table.overlap
    with pytest.raises(ConfigError, match="no overlap of 'L1_11'"):
        overlap.of_pair("L1_0", "L1_11")
