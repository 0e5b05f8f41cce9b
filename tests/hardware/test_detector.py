from __future__ import annotations

import numpy as np
import pytest

from l1ml.errors import ConfigError
from l1ml.hardware.detector import Detector, DetectorLayer


def rings(*sensors: int, span_deg: float = 360.0) -> Detector:
    layers = (DetectorLayer(10.0 + index, count, offset=0.5 * (index % 2)) for index, count in enumerate(sensors))
    return Detector("toy", tuple(layers), span_deg)


def test_sensors_lie_on_their_circles_at_equal_steps() -> None:
    detector = rings(4, 8)
    assert detector.n_sensors == 12
    assert detector.first.tolist() == [0, 4, 12]
    np.testing.assert_array_equal(detector.layer, [0] * 4 + [1] * 8)
    np.testing.assert_allclose(detector.positions[:4], [[10, 0], [0, 10], [-10, 0], [0, -10]], atol=1e-12)
    np.testing.assert_allclose(np.hypot(*detector.positions[4:].T), 11)
    assert detector.phi[4] == pytest.approx(np.pi / 8)


def test_a_ring_goes_round_and_a_sector_ends() -> None:
    places = np.array([-1, 0, 7, 8])
    np.testing.assert_array_equal(rings(8).place(0, places), [7, 0, 7, 0])
    np.testing.assert_array_equal(rings(8, span_deg=90).place(0, places), [-1, 0, 7, -1])


@pytest.mark.parametrize("span_deg", [360.0, 50.0])
def test_each_sensor_is_the_nearest_one_to_itself(span_deg: float) -> None:
    detector = rings(5, 9, span_deg=span_deg)
    for layer in range(2):
        first, last = detector.first[layer : layer + 2]
        np.testing.assert_array_equal(
            detector.place(layer, detector.nearest_step(layer, detector.phi[first:last])), np.arange(last - first)
        )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DetectorLayer(0.0, 4), "radius_cm 0.0"),
        (lambda: DetectorLayer(1.0, 0), "sensors 0"),
        (lambda: Detector("toy", ()), r"received radii \[\]"),
        (lambda: Detector("toy", (DetectorLayer(2, 3), DetectorLayer(1, 3))), r"radii grow, received radii \[2, 1\]"),
        (lambda: rings(4, span_deg=361), "received 361"),
    ],
)
def test_what_is_no_detector_is_refused(make: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make()  # type: ignore[operator]
