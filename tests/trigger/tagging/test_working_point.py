from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from l1ml.trigger.tagging.working_point import TaggedJets, working_points

_MARGINS = arrays(np.int64, st.integers(20, 60), elements=st.integers(-6, 6))


def jets(signal: np.ndarray, background: np.ndarray) -> TaggedJets:
    return TaggedJets(signal, background, np.arange(len(signal)), np.arange(len(background)))


@given(_MARGINS, _MARGINS, st.sampled_from([0.5, 0.6, 0.9]))
def test_a_threshold_keeps_what_it_was_derived_for_and_its_neighbour_does_not(
    signal: np.ndarray, background: np.ndarray, share: float
) -> None:
    sample = jets(signal, background)
    (of_signal, of_background), unresolved = working_points(sample, sample, [share], [share])
    assert not unresolved
    assert (signal >= of_signal.threshold).mean() >= share
    assert (signal >= of_signal.threshold + 1).mean() < share
    assert (background >= of_background.threshold).mean() <= share
    assert (background >= of_background.threshold - 1).mean() > share
    assert of_background.background.n_passed == (background >= of_background.threshold).sum()


def test_a_share_that_the_jets_do_not_resolve() -> None:
    sample = jets(np.arange(50), np.arange(50))
    points, unresolved = working_points(sample, sample, [], [0.2, 0.01])
    assert [point.target for point in points] == [0.2]
    assert unresolved == [{"target": 0.01, "reason": "a background share of 0.01 needs 1,000 background jets, there are 50"}]


def test_other_jets_have_no_part_in_a_threshold(rng: np.random.Generator) -> None:
    derived, tried = (jets(rng.integers(0, 50, 300), rng.integers(-30, 30, 300)) for _ in range(2))
    for point in working_points(derived, tried, [0.5], [0.1])[0]:
        assert point.signal.value == (tried.signal >= point.threshold).mean()
        assert point.background.value == (tried.background >= point.threshold).mean()
