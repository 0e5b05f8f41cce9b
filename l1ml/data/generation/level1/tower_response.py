"""The trigger towers as recorded crossings have them: pileup filtered in time, and soft energies measured too low.

The plain response adds up what the collisions of one crossing leave. Two things are missing there that make recorded towers
softer; both stand here as numbers fitted to zero bias of run 320040 (2018), not derived:

* *Filter in time.* The weights of the filter that reads a pulse add up to zero, so that the tails of earlier crossings are
  subtracted: in the middle of a train the mean of a tower is 0, whatever the pileup (27 of the 200 recorded crossings are of one
  bunch number, and have 35 % more energy than the others: earlier crossings were not as full). Here the mean of each ring is
  subtracted, without its fluctuation; where mu differs from crossing to crossing, that of its own mu: neighbours in a train
  are about as full, and what changes is mostly the time in the fill.
* *Soft response.* Hadrons that shower late, in several towers or not at all, and thresholds on the way to the tower, leave
  less than the particles had: ``E (1 - loss exp(-E / scale))``, which leaves hard deposits as they are.

Losses, scales and calibrations were fitted to the objects, to the sums and to the trigger primitives of that run (its own
record of each tower), with jets of 40 to 300 GeV held at their generated pt. Beside its 200 crossings, at a pileup of 50,
which is not recorded (`l1ml.reporting.validation`; generated over recorded):

* jets of 5 to 30 GeV 0.8 to 1.3, taus of 5 to 20 GeV 0.9 to 1.2, e/gamma of 5 and 10 GeV 1.3 and 0.8, muons 1.2;
* mean ETT 0.86, ETTEM 0.95, HTT 1.2, ETM 0.86, towers 0.72; crossings with ETM of 25 to 40 GeV 0.55 to 0.8.

Of 88 quantities 49 are within a factor of two, 26 were not recorded and fit, 13 are beyond what 200 crossings can tell, none
is off. The largest differences: e/gamma of 2.5 GeV and more, 2.3 times too many; taus of 25 GeV and more, 5 times (2
recorded); and the towers themselves, too few and too hard (hadron towers of 0.5 GeV and more 0.8, of 2 GeV 2.6 times the
recorded ones), since showers here stay in one tower. With the plain response soft objects and ETT are three to seven times
too many.

Nothing was fitted to the vectors of the Global Trigger:

* simulated ttbar of 2022 (3,564 crossings, without sums; at 13.6 TeV and a pileup of 50, which is not recorded either): the
  shares of single-object cuts from 10 to 60 GeV are 0.98 to 1.02 (muons), 0.79 to 0.87 (e/gamma), 1.0 to 1.2 (taus), 0.92 to
  1.0 (jets) of theirs. In bins of pt, jets of 10 to 20 GeV are 3 times too many and those above 60 GeV 0.7 to 0.9; e/gamma
  below 5 GeV 3 to 4 times, muons of 2 to 4 GeV 3 times.
* data that a trigger chose (2022, 2024), only the shape of leading objects above thresholds without prescale: up to three times
  the threshold, the shares of e/gamma above 36 GeV, taus above 120 GeV and jets above 180 GeV are 0.7 to 1.4 of theirs, less
  saturated words (33 of 124 jets in 2024), which nothing here makes. Muons above 22 GeV are harder in data, which have W and Z.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from l1ml.data.generation.level1.towers import ECAL_RINGS, N_RINGS, N_SECTORS
from l1ml.data.generation.level1.trigger_parameters import PtCalibration, TriggerParameters
from l1ml.data.generation.pool import CollisionPool

__all__ = ["FITTED_RESPONSE", "FittedTowers", "TowerResponse", "ring_means"]

FloatArray = NDArray[np.float64]

_MEV_PER_COUNT, _MAX_COUNTS = 500, 255
_STEP_MEV = 10
_LARGEST_MEV = _MEV_PER_COUNT * (_MAX_COUNTS + 5)

_JETS = PtCalibration(scale=146, soft_gain=58, soft_counts=44)
_TAUS = PtCalibration(scale=136, soft_gain=90, soft_counts=16)


@dataclass(frozen=True, slots=True)
class TowerResponse:
    """Numbers of the fitted response.

    Parameters
    ----------
    ecal_pedestal, hcal_pedestal, forward_pedestal : float
        Share of the mean energy of a ring that is subtracted in each calorimeter, the forward one being above |eta| = 2.96.
    ecal_soft_loss, hcal_soft_loss, forward_soft_loss : float
        Loss of the softest deposits.
    ecal_soft_scale_mev, hcal_soft_scale_mev, forward_soft_scale_mev : float
        Deposits much harder than this lose nothing.
    jet_calibration, tau_calibration : PtCalibration
        Bring jets and taus back: jets of 40 to 300 GeV to their generated pt.
    """

    ecal_pedestal: float = 1.0
    hcal_pedestal: float = 1.1
    forward_pedestal: float = 0.9
    ecal_soft_loss: float = 0.74
    hcal_soft_loss: float = 0.7
    forward_soft_loss: float = 0.87
    ecal_soft_scale_mev: float = 7000.0
    hcal_soft_scale_mev: float = 8000.0
    forward_soft_scale_mev: float = 12000.0
    jet_calibration: PtCalibration = _JETS
    tau_calibration: PtCalibration = _TAUS


FITTED_RESPONSE = TowerResponse()
"""What ``GenerationConfig(tower_response="fitted")`` uses."""


def ring_means(pool: CollisionPool, n_soft: int, mean: float) -> tuple[FloatArray, FloatArray]:
    """Mean energy of a tower of each ring in ECAL and HCAL, MeV, shape (114,), from `mean` of the first `n_soft` collisions."""
    rows = int(pool.tower_start[n_soft])
    ring = pool.towers.tower[:rows] // N_SECTORS
    sums = [np.bincount(ring, layer[:rows], N_RINGS) for layer in (pool.towers.ecal, pool.towers.hcal)]
    # every collision is mirrored at random
    ecal, hcal = (np.asarray((total + total[::-1]) * (mean / (2 * n_soft * N_SECTORS)), dtype=np.float64) for total in sums)
    return ecal, hcal


class FittedTowers:
    """Energies of towers in MeV to counts, by a table in steps of 10 MeV.

    Parameters
    ----------
    means : tuple of two ndarray of float64, shape (114,)
        See `ring_means`.
    response : TowerResponse
        The numbers.
    """

    def __init__(self, means: tuple[FloatArray, FloatArray], response: TowerResponse = FITTED_RESPONSE) -> None:
        self._response = response
        central = np.zeros(N_RINGS, np.bool_)
        central[ECAL_RINGS] = True
        shares = [
            np.where(central, share, response.forward_pedestal) for share in (response.ecal_pedestal, response.hcal_pedestal)
        ]
        self._pedestals = [(share * mean)[:, None] for share, mean in zip(shares, means, strict=True)]
        self._layers = [
            _table(response.ecal_soft_loss, response.ecal_soft_scale_mev),
            _table(response.hcal_soft_loss, response.hcal_soft_scale_mev),
        ]
        self._forward = _table(response.forward_soft_loss, response.forward_soft_scale_mev)

    def counts(
        self, ecal: FloatArray, hcal: FloatArray, relative: FloatArray | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Counts of 0.5 GeV in each layer, shape (n_crossings, 114, 72); see `ring_means` for what `relative` is over."""
        pedestals = self._pedestals if relative is None else [item * relative[:, None, None] for item in self._pedestals]
        first, second = map(self._layer, (ecal, hcal), pedestals, self._layers)
        return first, second

    def parameters(self, plain: TriggerParameters) -> TriggerParameters:
        """The parameters `plain` with the calibrations that go with these towers."""
        tau = replace(plain.tau, calibration=self._response.tau_calibration)
        return replace(plain, tau=tau, jet_calibration=self._response.jet_calibration)

    def _layer(self, energy: FloatArray, pedestal: FloatArray, central: NDArray[np.int32]) -> NDArray[np.int32]:
        """One layer."""
        steps = ((energy - pedestal) * (1 / _STEP_MEV)).astype(np.int32)
        # "clip" takes the first entry for negative energies and the last for large ones
        counts = central.take(steps, mode="clip")
        for rings in (slice(0, ECAL_RINGS.start), slice(ECAL_RINGS.stop, None)):
            counts[:, rings] = self._forward.take(steps[:, rings], mode="clip")
        return counts


def _table(loss: float, scale: float) -> NDArray[np.int32]:
    """Counts of each step of energy."""
    energy = np.arange(0, _LARGEST_MEV + _STEP_MEV, _STEP_MEV, dtype=np.float64)
    return np.minimum(energy * (1 - loss * np.exp(-energy / scale)) // _MEV_PER_COUNT, _MAX_COUNTS).astype(np.int32)
