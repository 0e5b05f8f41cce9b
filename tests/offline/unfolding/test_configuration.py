from __future__ import annotations

from pathlib import Path

import pytest

from l1ml.errors import ConfigError
from offline.unfolding.configuration import UnfoldingConfig, read_configuration
from offline.unfolding.methods import METHODS

TOY = """
[toy]
simulated = 500
gaussian = { smear = 0.5, misses = 0.2 }
[method]
name = "ibu"
iterations = 3
bins = { gen_bins = 5 }
[systematics."resolution.up"]
gaussian = { smear = 0.6 }
"""
FILES = """
[simulation]
files = ["mc.h5"]
[data]
files = ["data.h5"]
[method]
name = "svd"
"""


def read(folder: Path, text: str) -> UnfoldingConfig:
    path = folder / "unfold.toml"
    path.write_text(text)
    return read_configuration(path)


def test_a_toy_and_its_variation(tmp_path: Path) -> None:
    config = read(tmp_path, TOY)
    toy = config.tables.toy
    assert toy is not None
    assert (config.method.name, config.result) == ("ibu", tmp_path / "unfold.h5")
    assert (toy.simulated, toy.measured, toy.gaussian.smear) == (500, 100_000, 0.5)
    varied = toy.varied(config.tables.systematics["resolution.up"])
    assert (varied.smear, varied.misses) == (0.6, 0.2)
    assert config.tables.uncertainties is None


def test_files_and_dimensions(tmp_path: Path) -> None:
    config = read(tmp_path, FILES + '[quantities]\ngen = ["pt"]\nreco = ["pt", "mass"]\n[selection]\ngen = { pt = [100] }\n')
    assert config.tables.quantities.reco_names == ("pt", "mass")
    assert config.tables.selection.gen == {"pt": (100.0,)}


@pytest.mark.parametrize("name", list(METHODS))
def test_every_method_is_known_with_its_defaults(tmp_path: Path, name: str) -> None:
    method = read(tmp_path, f'[toy]\n[method]\nname = "{name}"\n').method
    assert method.name == name
    assert isinstance(method, METHODS[name])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("simulated", "simulatd", "unfold.toml.toy has no key 'simulatd'; did you mean 'simulated'?"),
        ("[toy]", "[toys]", "unfold.toml has no key 'toys'; did you mean 'toy'?"),
        ("iterations", "iteration", "unfold.toml.method has no key 'iteration'; did you mean 'iterations'?"),
        ('"ibu"', '"ibo"', "received 'ibo'; did you mean 'ibu'?"),
        ('name = "ibu"', "", "needs the name of a method, received None"),
        ("[method]", "[data]\nfiles = ['a']\n[method]", "from [simulation] and [data], or from [toy]"),
        ("[toy]", "[simulation]\nfiles = ['a']\n[toy]", "from [simulation] and [data], or from [toy]"),
        ("smear = 0.6", "smeer = 0.6", "has no key 'smeer'; did you mean 'smear'?"),
        ("smear = 0.6", "smear = -1.0", "smear and width must be positive"),
        ("gaussian = { smear = 0.6 }", "files = ['a.h5']", "must be made of settings of the toy"),
        ("[toy]", "seed = -1\n[toy]", "seed must be within 32 bits"),
        ("= 500", "= 0", "at least one event of each kind, received 0 simulated"),
        ("= 500", "= 500.5", "must be int, received 500.5"),
        ("iterations = 3", "iterations = 0", "iterations must be at least 1"),
        ("[method]", "[uncertainties]\ndata = 1\n[method]", "number of data replicas must be 0 or 2 and more"),
        ("[method]", "[selection]\ngen = { z = [1.0, 0.0] }\n[method]", "in rising order"),
        ("[method]", "[validation]\ntoys = -1\n[method]", "0 or 2 and more"),
        ("[toy]", "[toy", "is not TOML"),
    ],
)
def test_mistakes(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, TOY.replace(old, new, 1))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('[quantities]\ngen = ["pt", "pt"]', "quantities.gen needs one or more different names"),
        ('[quantities]\ngen = ["pt"]\nreco = ["a", "a"]', "quantities.reco needs one or more different names"),
        ('[background]\nfiles = ["b"]\nscale = 0.0', "scale of the background must be positive"),
        ("[background]\nfiles = []", "background needs one or more different files"),
        ('[systematics.a]\nfiles = ["b"]\ngen = ["c"]', "give either files, or gen and reco"),
        ('[systematics.a]\ngen = ["b"]', "a simulation needs one or more different files, received []"),
        ('[systematics.a]\nfiles = ["b"]\ngaussian = { smear = 1.0 }', "either files or the settings of a toy"),
        ("[systematics.a]\ngaussian = { smear = 1.0 }", "must be made of files"),
    ],
)
def test_mistakes_about_files(tmp_path: Path, change: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, FILES + change)
    assert message in str(caught.value)


def test_no_file_and_no_method(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist; give the configuration of an unfolding"):
        read_configuration(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match=r"lacks the table \[method\]"):
        read(tmp_path, "[toy]\n")
