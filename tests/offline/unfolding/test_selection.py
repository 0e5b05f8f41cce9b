from __future__ import annotations

import numpy as np
import pytest

from l1ml.errors import ConfigError, DataError, SchemaError
from offline.unfolding import GaussianToy, Selection


def test_bounds_on_the_quantities_of_a_toy(rng: np.random.Generator) -> None:
    mc = GaussianToy(smear=1.0).simulation(500, rng)
    selection = Selection(gen={"z": (-1.0, 1.0)}, reco={"x": (0.0,)})
    cut = selection.simulation(mc)
    np.testing.assert_array_equal(cut.pass_gen, (mc.gen[:, 0] >= -1) & (mc.gen[:, 0] < 1))
    np.testing.assert_array_equal(cut.pass_reco, mc.reco[:, 0] >= 0)
    np.testing.assert_array_equal(selection.measured(mc.measured()).reco, cut.measured().reco)
    with pytest.raises(DataError, match="no event of simulated gen passes its selection"):
        Selection(gen={"z": (100.0,)}).simulation(mc)
    with pytest.raises(DataError, match="no event of measured data passes"):
        Selection(reco={"x": (1000.0,)}).measured(mc.measured())
    with pytest.raises(SchemaError, match="unknown quantity 'y' in the selection; known: x"):
        Selection(reco={"y": (0.0,)}).measured(mc.measured())


@pytest.mark.parametrize("bounds", [(), (2.0, 1.0), (1.0, 1.0), (1.0, 2.0, 3.0)])
def test_bounds_that_leave_nothing(bounds: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError, match=r"selection of reco 'pt' must be \[lowest\] or \[lowest, upper end\]"):
        Selection(reco={"pt": bounds})
