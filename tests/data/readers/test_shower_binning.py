from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from l1ml.data.readers.shower_binning import LayerBinning, ShowerBinning, read_binning
from l1ml.errors import DataError, SchemaError

XML = """<Bins><Bin pid="22" etaMin="0" etaMax="130" name="photon">
<Layer id="0" r_edges="0,5,10" n_bin_alpha="3" /><Layer id="1" r_edges="0" n_bin_alpha="1" />
<Layer id="12" r_edges="0,1.5,4" n_bin_alpha="1"/></Bin></Bins>"""


def binning(path: Path, text: str, particle: str | None = None) -> ShowerBinning:
    (path / "b.xml").write_text(text)
    return read_binning(path / "b.xml", particle)


def test_voxels_by_hand(tmp_path: Path) -> None:
    found = binning(tmp_path, XML)
    layers = (LayerBinning(0, (0, 5, 10), 3), LayerBinning(1, (0,), 1), LayerBinning(12, (0, 1.5, 4), 1))
    assert found == ShowerBinning("photon", 22, layers, (0, 130))
    assert (found.n_voxels, found.edges) == (8, (0, 6, 6, 8))
    energies = found.layer_energies(np.arange(16).reshape(2, 8))
    assert {key: part.shape for key, part in energies.items()} == {0: (2, 3, 2), 12: (2, 1, 2)}
    # the radius runs fastest
    assert energies[0][0].tolist() == [[0, 1], [2, 3], [4, 5]]
    with pytest.raises(SchemaError, match="has 7 voxels, the binning of photon has 8"):
        found.layer_energies(np.zeros((2, 7)))


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("1_photons", ("photon", 22, 368, 24)),
        ("1_pions", ("pion", 211, 533, 24)),
        ("2", ("electron", 11, 6480, 45)),
        ("3", ("electron", 11, 40500, 45)),
    ],
)
def test_the_published_binnings(real_data: Path, name: str, facts: tuple[str, int, int, int]) -> None:
    found = read_binning(real_data / "calochallenge" / f"binning_dataset_{name}.xml", facts[0])
    assert (found.particle, found.pid, found.n_voxels, len(found.layers)) == facts


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0,5,10", "0,5,5"),
        ("0,5,10", "0,5,nan"),
        ("0,5,10", "-1,5"),
        ("0,5,10", ""),
        ('n_bin_alpha="3"', 'n_bin_alpha="0"'),
        ('n_bin_alpha="3"', 'n_bin_alpha="9999999999"'),
        ('n_bin_alpha="3"', ""),
        ('id="12"', 'id="0"'),
        ('pid="22"', 'pid="photon"'),
        ("</Bin></Bins>", ""),
        ("<Bins>", "<!DOCTYPE Bins [<!ENTITY a 'a'>]><Bins>"),
    ],
)
def test_nonsense_is_refused(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(DataError, match=r"b\.xml|layer 0"):
        binning(tmp_path, XML.replace(old, new, 1))


def test_other_xml_and_other_particles_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="its root is <Layers>"):
        binning(tmp_path, "<Layers/>")
    with pytest.raises(SchemaError, match="has the particles photon; asked for pion"):
        binning(tmp_path, XML, "pion")
    with pytest.raises(DataError, match="cannot be read"):
        read_binning(tmp_path / "none.xml")


def test_cut_anywhere(tmp_path: Path) -> None:
    for length in range(0, len(XML) - 1, 7):
        with pytest.raises((DataError, SchemaError)):
            binning(tmp_path, XML[:length])
