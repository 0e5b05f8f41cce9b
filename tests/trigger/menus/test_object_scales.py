from __future__ import annotations

import pytest

from l1ml.errors import ConfigError
from l1ml.trigger.menus.object_scales import object_scales, threshold_word


@pytest.mark.parametrize(
    ("name", "word"),
    [("MU22", 45), ("MU0", 1), ("MU4p5", 10), ("EG22p1", 45), ("JET180", 360), ("ETMHF100", 200), ("TOWERCOUNT7", 7)],
)
def test_threshold_is_the_word_at_or_above_the_cut(name, word):
    assert threshold_word(name) == word


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("MU300", "MU300: the threshold is outside of the hardware word, 0 to 255 GeV"),
        ("MBT0HFP1", "no scale is known for 'MBT0HFP'"),
        ("MUU3", "unknown object 'MUU3'; did you mean 'MU'"),
    ],
)
def test_impossible_thresholds(name, message):
    with pytest.raises(ConfigError, match=message):
        threshold_word(name)


@pytest.mark.parametrize(
    ("document", "sample"),
    [("L1Menu_Collisions2016_v8_m2.xml.gz", 40), ("L1Menu_Collisions2024_v1_3_0-d1.html.gz", 80)],
)
def test_the_names_of_real_menus_say_their_words(real_data, document, sample):
    from l1ml.trigger import read_menu

    folder = real_data / "ugt" / document.split(".")[0]
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    stated = read_menu(folder / document).definitions.thresholds
    found = {name: word for name, word in stated.items() if not name.startswith(("MBT", "ASYM", "ZDC"))}
    assert len(found) >= sample
    assert {name: threshold_word(name) for name in found} == found


def test_scales_of_an_unknown_type():
    with pytest.raises(ConfigError, match="state the hardware word instead"):
        object_scales("CENT1")
