from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from calo_toy import irregular_geometry

from l1ml.errors import ConfigError, DataError
from offline.calorimeter import layout
from offline.calorimeter.binning import Binning, read_binning, write_binning

_CHALLENGE = {
    "1_photons": ("photon", 22, 368, [0, 1, 2, 3, 12], 24),
    "1_pions": ("pion", 211, 533, [0, 1, 2, 3, 12, 13, 14], 24),
    "2": ("electron", 11, 6480, list(range(45)), 45),
    "3": ("electron", 11, 40500, list(range(45)), 45),
}


@pytest.mark.parametrize("name", _CHALLENGE)
def test_files_of_the_challenge_are_read_and_written_exactly(real_data: Path, tmp_path: Path, name: str) -> None:
    original = real_data / "calochallenge" / f"binning_dataset_{name}.xml"
    binnings = read_binning(original)
    (binning,) = binnings
    ids = [layer.id for layer in binning.geometry.layers]
    assert (binning.particle, binning.pid, binning.geometry.n_voxels, ids, binning.listed) == _CHALLENGE[name]
    write_binning(tmp_path / "again.xml", binnings)
    assert read_binning(tmp_path / "again.xml") == binnings
    # all that XML says: elements, attributes, and numbers to the letter; blanks between them are free
    assert _canonical(tmp_path / "again.xml") == _canonical(original)


def _canonical(path: Path) -> str:
    return ET.canonicalize(from_file=str(path), strip_text=True)


@pytest.mark.parametrize(("name", "number"), [("45x16x9", "2"), ("45x50x18", "3")])
def test_layouts_by_name_have_the_voxels_of_the_challenge(real_data: Path, name: str, number: str) -> None:
    (binning,) = read_binning(real_data / "calochallenge" / f"binning_dataset_{number}.xml")
    assert layout(name) != binning.geometry
    assert layout(name).without_depths() == binning.geometry


def test_a_layer_beyond_the_list_is_refused() -> None:
    with pytest.raises(ConfigError, match="layer 12 is not among the 12"):
        Binning(irregular_geometry(), "photon", 22, 12)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("<Bins>", "no element found"),
        ("<Bins></Bins>", "no element Bin"),
        ('<Bins><Bin pid="1" name="a"><Layer id="0" r_edges="0,1"/></Bin></Bins>', "'n_bin_alpha' is missing"),
        ('<Bins><Bin pid="1" name="a"><Layer id="0" r_edges="0,x" n_bin_alpha="1"/></Bin></Bins>', "could not convert"),
        ('<Bins><Bin pid="1" name="a"><Layer id="1" r_edges="0,1" n_bin_alpha="1"/></Bin></Bins>', "numbered from 0"),
        ('<Bins><Bin pid="1" name="a"><Layer id="0" r_edges="0" n_bin_alpha="1"/></Bin></Bins>', "one or more layers"),
    ],
)
def test_what_is_no_binning_file_is_refused(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "binning.xml"
    path.write_text(text)
    with pytest.raises(DataError, match=match):
        read_binning(path)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        read_binning(tmp_path / "binning.xml")
