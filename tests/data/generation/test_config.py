from __future__ import annotations

from dataclasses import replace

import pytest

from l1ml.configuration import from_mapping
from l1ml.data.generation import GenerationConfig
from l1ml.data.generation.level1.tower_response import TowerResponse
from l1ml.errors import ConfigError


@pytest.mark.parametrize(
    ("key", "value"),
    [("seed", -1), ("scale", 0.0), ("pileup", -60.0), ("hard_threshold_gev", 1.0), ("soft_collisions", 0)],
)
def test_numbers_out_of_range_are_refused_by_name(key: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"{key} must .* received {value}"):
        replace(GenerationConfig(), **{key: value})


def test_misspelt_key_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'pileup'"):
        from_mapping(GenerationConfig, {"pile_up": 60}, "events")


def test_scale_multiplies_and_never_reaches_zero() -> None:
    assert GenerationConfig(scale=0.1).sized("soft_collisions") == GenerationConfig().soft_collisions // 10
    assert GenerationConfig(scale=1e-9).sized("soft_collisions") == 1


CHOICES = {"objects", "signals", "tower_response", "pileup_profile", "copies_power"}
"""Fields that came later: what is made as before has none of them in its digest."""


def test_every_field_that_decides_content_is_in_the_digest() -> None:
    config = GenerationConfig()
    numbers = set(GenerationConfig.__dataclass_fields__) - CHOICES
    changed = [replace(config, **{name: getattr(config, name) + 1}) for name in numbers]
    changed += [
        replace(config, objects="global_trigger"),
        replace(config, tower_response="plain"),
        replace(config, copies_power=1.0),
    ]
    assert len({config.digest, *(item.digest for item in changed)}) == len(changed) + 1
    assert GenerationConfig().digest == config.digest
    assert replace(config, signals=("suep",)).digest == config.digest


def test_what_was_made_before_there_was_a_choice_is_told_from_what_is_made_now() -> None:
    first = set(GenerationConfig.__dataclass_fields__) - CHOICES
    assert set(GenerationConfig(tower_response="plain").to_dict()) == first
    assert set(GenerationConfig().to_dict()) == {*first, "tower_response"}
    more = GenerationConfig(objects="global_trigger", signals=("suep",)).to_dict()
    assert (more["objects"], more["signals"], more["tower_response"]) == ("global_trigger", ["suep"], "fitted")


def test_the_numbers_of_the_fitted_towers_are_in_the_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, fitted = GenerationConfig(tower_response="plain"), GenerationConfig()
    before = plain.digest, fitted.digest
    monkeypatch.setattr("l1ml.data.generation.config.FITTED_RESPONSE", TowerResponse(hcal_soft_loss=0.1))
    assert plain.digest == before[0]
    assert fitted.digest != before[1]


@pytest.mark.parametrize("name", ["objects", "tower_response"])
def test_choices_are_checked(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} cannot be 'global'"):
        replace(GenerationConfig(), **{name: "global"})
