from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from ugt_toy import crossing_of, random_crossings, toy_menu

from l1ml.errors import ConfigError, DataError
from l1ml.hardware import FixedPoint
from l1ml.trigger import Columns, Menu
from l1ml.trigger.menus.requirements import Cut, Window
from l1ml.trigger.networks import BoundNetwork, NetworkInputs, scores_of
from l1ml.trigger.replay import replay

SMALL = (("etm", 1), ("muon", 2))


class Weighted:
    """An emulator whose score is the sum of the inputs times 1, 10, 100, ...: each input can be read off."""

    name = "weighted"
    output_format = FixedPoint(62, 62)
    n_outputs = 1

    def __init__(self, n: int, fraction_bits: int = 0) -> None:
        self.input_formats = (FixedPoint(18 + fraction_bits, 18),) * n

    def predict(self, words: NDArray[np.integer]) -> NDArray[np.int64]:
        return np.asarray(words.astype(np.int64) @ 10 ** np.arange(words.shape[1]))


CROSSING = {
    "etm": [{"pt": 21, "phi": 5}],
    "muon": [{"pt": 7, "eta": -2, "phi": 3, "phi_out": 4}, {"pt": 0, "eta": 0, "phi": 0}],
}


@pytest.mark.parametrize(
    ("inputs", "fraction_bits", "expected"),
    [
        (NetworkInputs(SMALL, "word"), 0, [21, 0, 5, 7, -2, 3, 0, 0, 0]),
        (NetworkInputs(SMALL, "half_truncated"), 0, [10, 0, 5, 3, -2, 3, 0, 0, 0]),
        (NetworkInputs(SMALL, "half_truncated"), 2, [40, 0, 20, 12, -8, 12, 0, 0, 0]),
        (NetworkInputs(SMALL, "half"), 2, [42, 0, 20, 14, -8, 12, 0, 0, 0]),
        (NetworkInputs(SMALL, "word", "stations"), 0, [21, 0, 5, 7, -2, 4, 0, 0, 0]),
    ],
)
def test_input_words_by_hand(inputs, fraction_bits, expected):
    columns = Columns.of_crossings(crossing_of(CROSSING))
    assert inputs.words(columns, fraction_bits).tolist() == [expected]


def test_the_defaults_are_the_57_inputs_of_axol1tl():
    words = NetworkInputs().words(Columns.of_crossings(crossing_of({"jet": [{"pt": 9, "eta": -3, "phi": 2}] * 12})), 5)
    assert words.shape == (1, 57)
    assert words[0, :27].tolist() == [0] * 27
    assert words[0, 27:].tolist() == [4 << 5, -3 * 32, 2 << 5] * 10


def test_scores_of_the_networks_that_a_menu_asks_for():
    menu = toy_menu("AXO[AXO-MODEL_v4, AXO-SCORE_5]", "MU5")
    network = BoundNetwork(Weighted(9), "ab" * 32, NetworkInputs(SMALL, "word"))
    columns = Columns.of_crossings(crossing_of(CROSSING))
    scores = scores_of(menu, columns, {"v4": network, "hh": network})
    assert list(scores) == ["v4"]
    assert scores["v4"].tolist() == [21 + 500 + 7000 - 20000 + 300000]


def test_replay_with_a_network():
    menu = toy_menu("AXO[AXO-MODEL_v4, AXO-SCORE_5] AND MU5")
    network = BoundNetwork(Weighted(3), "ab" * 32, NetworkInputs((("etm", 1),), "word"))
    crossings = random_crossings(np.random.default_rng(3), 300)
    bits = np.zeros((300, 512), dtype=np.bool_)
    etm = crossings.objects["etm"]
    score = etm["pt"][:, 0] + 100 * etm["phi"][:, 0]
    bits[:, 0] = (score >= 5) & (crossings.objects["muon"]["pt"] >= 11).any(axis=1)
    again = type(crossings).from_words(crossings.era, crossings.words, algorithms=bits)
    report = replay(menu, [again], "toy", {"v4": network})
    assert (report.supported, report.mismatched_bits, report.to_json()["networks"]) == (1, 0, {"v4": "ab" * 32})
    assert replay(menu, [again], "toy").supported == 0


def test_a_network_of_another_digest_is_refused():
    cuts = {"AXO-MODEL_a": Cut("model", "AXO-MODEL_a", text="a"), "AXO-SCORE_1": Cut("score", "AXO-SCORE_1", Window(1))}
    menu = toy_menu("MU5")
    definitions = type(menu.definitions)(menu.definitions.thresholds, cuts)
    made = Menu.from_entries("m", [item.entry for item in menu.algorithms], definitions, networks={"a": "cd" * 32})
    network = BoundNetwork(Weighted(9), "ab" * 32, NetworkInputs(SMALL))
    with pytest.raises(ConfigError, match="belong to model cdcdcdcdcdcd, but the score comes from model abababababab"):
        scores_of(made, Columns.of_crossings(crossing_of({})), {"a": network})


def test_impossible_inputs():
    with pytest.raises(ConfigError, match="pt must be one of word, half, half_truncated, received 'gev'"):
        NetworkInputs(pt="gev")
    with pytest.raises(ConfigError, match="weighted has 4 inputs; pt, eta and phi of 1 etm, 2 muon are 9"):
        BoundNetwork(Weighted(4), "ab", NetworkInputs(SMALL))
    columns = Columns.of_crossings(crossing_of({}, era="2016"))
    with pytest.raises(DataError, match="has no field 'phi_out'"):
        NetworkInputs(SMALL, muon_phi="stations").words(columns, 0)
    with pytest.raises(DataError, match=r"reads 20 of 'muon', crossings of era 2016 have 8"):
        NetworkInputs((("muon", 20),)).words(columns, 0)
    with pytest.raises(DataError, match="needs a bit behind the point"):
        NetworkInputs(SMALL, "half").words(columns, 0)
