from __future__ import annotations

import numpy as np
import pytest
from trigger_toy import sample

from l1ml.errors import DataError
from l1ml.trigger import turn_on
from l1ml.trigger.rates.intervals import clopper_pearson


def test_bins_hold_counts_and_intervals():
    events, words = sample(500, 3, 1.0, signal=True)
    fired, values = words > 300, events.truth["gen_ht"]
    edges = (0.0, 60.0, 120.0, 5000.0, 6000.0)
    result = turn_on("haa4b", events, "L1_AXO", fired, variable="gen_ht", edges=edges)
    table = result.to_dict()
    for index in range(3):
        inside = (values >= edges[index]) & (values < edges[index + 1])
        assert table["n_total"][index] == inside.sum() == result.total.values()[index]
        assert table["n_passed"][index] == (inside & fired).sum()
        assert (table["low"][index], table["high"][index]) == pytest.approx(clopper_pearson((inside & fired).sum(), inside.sum()))
    assert table["efficiency"][3] is None
    assert table["n_total"][3] == 0


def test_an_unknown_variable_is_named():
    events, _ = sample(5, 3, 1.0, signal=True)
    with pytest.raises(DataError, match="no generator quantity 'gen_hts'; did you mean 'gen_ht'"):
        turn_on("haa4b", events, "L1_A", np.ones(5, dtype=np.bool_), variable="gen_hts", edges=(0.0, 1.0))
