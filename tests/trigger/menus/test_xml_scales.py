from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from ugt_documents import SCALES

from l1ml.errors import ConfigError
from l1ml.trigger.menus.xml_scales import ScaleSet, number_of, text_of


@pytest.fixture(scope="module")
def scales() -> ScaleSet:
    return ScaleSet.from_element(ET.fromstring(SCALES))


def test_thresholds_are_words_of_bins(scales):
    assert scales.threshold("MU", 0.0) == 1
    assert scales.threshold("MU", 4.5) == 10
    assert scales.threshold("MBT0HFP", 2.0) == 2


def test_eta_words_are_signed_and_windows_inclusive(scales):
    assert scales.window("MU", "ETA", -1.125, 1.125) == (-4, 4)


def test_precision_in_either_order(scales):
    assert scales.precision("MU", "MU", "Mass") == 1
    with pytest.raises(ConfigError, match="the scales have no precision 'MU-EG-Mass'; did you mean 'MU-MU-Mass'"):
        scales.precision("MU", "EG", "Mass")


def test_limits_off_the_edges_are_refused(scales):
    with pytest.raises(ConfigError, match=r"no bin of MU ET begins at 4.6; the closest one begins at 4.5"):
        scales.threshold("MU", 4.6)
    with pytest.raises(ConfigError, match=r"no bin of MU ETA ends at 1.1; the closest one ends at 1.125"):
        scales.window("MU", "ETA", -1.125, 1.1)
    with pytest.raises(ConfigError, match="the scales have no COUNT of 'JET'"):
        scales.threshold("JET", 30.0)


def test_children():
    element = ET.fromstring("<cut><name>A</name><minimum>x</minimum></cut>")
    assert text_of(element, "name") == "A"
    with pytest.raises(ConfigError, match="<cut> A lacks <type>"):
        text_of(element, "type")
    with pytest.raises(ConfigError, match="<minimum> of <cut> A must be a number, received 'x'"):
        number_of(element, "minimum")
