from __future__ import annotations

from pathlib import Path

import pytest

from l1ml.errors import ConfigError
from offline.calorimeter.generators import CascadeSettings, DiffusionSettings, Drawing, method_settings
from offline.calorimeter.generators.methods import METHODS, configured, lengthened


def test_each_method_has_settings_of_its_own() -> None:
    assert list(METHODS) == ["cascade", "diffusion", "flow_matching"]
    assert method_settings("cascade") == CascadeSettings()
    assert method_settings("diffusion") == DiffusionSettings()
    matching = method_settings("flow_matching", {"drawing": {"sampler": "ddim", "steps": 8}})
    assert isinstance(matching, DiffusionSettings)
    assert (matching.noise, matching.drawing) == ("straight", Drawing("ddim", 8))
    with pytest.raises(ConfigError, match="no method is called 'difusion'; did you mean 'diffusion'"):
        method_settings("difusion")
    with pytest.raises(ConfigError, match="method diffusion has no key 'width'; did you mean 'widths'"):
        method_settings("diffusion", {"width": [8]})
    with pytest.raises(ConfigError, match="no noise is called 'vpp'"):
        method_settings("diffusion", {"noise": "vpp"})


def test_a_file_has_settings(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('method = "diffusion"\nnoise = "vp"\nnoise_numbers = { highest = 10.0 }\nseed = 3\n[training]\nupdates = 7\n')
    found = configured(path)
    assert isinstance(found, DiffusionSettings)
    assert (found.schedule().numbers()["highest"], found.training.updates, found.seed) == (10.0, 7, 3)
    assert configured(path, "diffusion", 5).seed == 5
    assert configured(None) == CascadeSettings()
    with pytest.raises(ConfigError, match="is for the method 'diffusion', and 'cascade' was asked for"):
        configured(path, "cascade")


def test_a_training_is_lengthened_in_its_own_unit() -> None:
    cascade, diffusion = lengthened(CascadeSettings(), (1, 2)), lengthened(DiffusionSettings(), updates=9)
    assert isinstance(cascade, CascadeSettings)
    assert isinstance(diffusion, DiffusionSettings)
    assert (cascade.flow.epochs, cascade.rings.epochs, diffusion.training.updates) == (1, 2, 9)
    assert lengthened(CascadeSettings()) == CascadeSettings()
    for settings, units in ((CascadeSettings(), {"updates": 3}), (DiffusionSettings(), {"epochs": (1, 2)})):
        with pytest.raises(ConfigError, match="give the one that belongs to the method"):
            lengthened(settings, **units)  # type: ignore[arg-type]
