from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from l1ml.data.generation.drift_chamber import ChamberConfig, chamber_hits
from l1ml.errors import ConfigError
from l1ml.hardware.detector import Detector, DetectorLayer

RING = Detector("ring", tuple(DetectorLayer(20.0 + 5 * index, 64) for index in range(4)))
QUIET = ChamberConfig(tracks=1.0, efficiency=1.0, occupancy=0.0)


def test_a_track_hits_each_layer_once_if_every_sensor_is_efficient() -> None:
    hits = chamber_hits(RING, replace(QUIET, pt_gev=(1.0, 3.0)), 400, np.random.default_rng(1))
    per_layer = (hits.words > 0).reshape(400, 4, 64).sum(axis=2)
    np.testing.assert_array_equal(per_layer, per_layer[:, :1].repeat(4, axis=1))
    np.testing.assert_array_equal(hits.of_track, hits.words > 0)
    # Poisson with mean one; two tracks may share a sensor
    assert per_layer[:, 0].mean() == pytest.approx(1.0, abs=0.15)


def test_a_soft_track_turns_back_before_the_outer_layers() -> None:
    # in 1.5 T a track of 80 MeV has a radius of 17.8 cm and reaches 35.6 cm from the beam
    hits = chamber_hits(RING, replace(QUIET, pt_gev=(0.07, 0.07)), 200, np.random.default_rng(1))
    reached = (hits.words > 0).reshape(200, 4, 64).any(axis=(0, 2))
    np.testing.assert_array_equal(reached, [True, True, True, False])


def test_efficiency_and_occupancy_are_those_asked_for() -> None:
    config = ChamberConfig(tracks=0.0, occupancy=0.1)
    hits = chamber_hits(RING, config, 1000, np.random.default_rng(1))
    assert (hits.words > 0).mean() == pytest.approx(0.1, abs=0.003)
    assert not hits.of_track.any()
    assert (hits.words.min(), hits.words.max()) == (0, 31)
    half = chamber_hits(RING, replace(QUIET, efficiency=0.5, pt_gev=(1.0, 3.0)), 4000, np.random.default_rng(1))
    assert (half.words > 0).sum() / 16000 == pytest.approx(0.5, abs=0.02)


def test_the_same_seed_gives_the_same_hits() -> None:
    one, other = (chamber_hits(RING, ChamberConfig(), 50, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one.words, other.words)
    np.testing.assert_array_equal(one.of_track, other.of_track)


def test_what_is_no_chamber_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"occupancy 1\.5"):
        ChamberConfig(occupancy=1.5)
    with pytest.raises(ConfigError, match="time_bits 0"):
        ChamberConfig(time_bits=0)
