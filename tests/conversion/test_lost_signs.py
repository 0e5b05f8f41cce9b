"""A network in which alkaid 0.8.2 takes a digit for a sign: two autoencoders that shipped once."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np

from l1ml._optional import require
from l1ml.conversion import ConversionConfig
from l1ml.conversion.rtl import _trace, _traced
from l1ml.emulation import IntegerEmulator
from l1ml.model import Network

require("alkaid.trace")
has_lost_a_sign = require("l1ml.conversion.alkaid_operations").has_lost_a_sign

NETWORK = Path(__file__).parents[1] / "data" / "lost_sign.json.gz"
LOST = """
2142 1 0 1 -122 63 0 -107 0 392 -128 13 0 -128 89 511 -131 1023 498 -42 0 0 -256 1023 0 177 1023 1933 -107
255 1758 127 130 897 127 255 725 127 255 2047 0 255 2047 -11 0 1313 -43 255 225 -127 168 0 104 234 2047 127 0
"""
"""Words of a crossing at the ends of the formats, which the RTL gave another second score before."""


def test_a_difference_without_a_sign_does_not_decide_what_saturates() -> None:
    """alkaid proves of one sum before its quantiser that it is above the lower bound; a digit passed for its sign."""
    network, config = Network.from_dict(json.loads(gzip.decompress(NETWORK.read_bytes()))), ConversionConfig()
    plain = _traced(network, config)
    logic = _trace(network, config)
    assert (has_lost_a_sign(plain), has_lost_a_sign(logic)) == (True, False)
    inputs = np.array([[int(word) for word in LOST.split()]])
    expected = network.output_format.from_words(IntegerEmulator(network).predict(inputs))
    np.testing.assert_array_equal(logic.predict(inputs.astype(np.float64)), expected)
    assert (plain.predict(inputs.astype(np.float64)) != expected).any()
