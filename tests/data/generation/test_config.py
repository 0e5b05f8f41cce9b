from __future__ import annotations

from dataclasses import replace

import pytest

from l1ml.configuration import from_mapping
from l1ml.data.generation import GenerationConfig
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


def test_every_field_is_in_the_digest() -> None:
    config = GenerationConfig()
    changed = [replace(config, **{name: getattr(config, name) + 1}) for name in GenerationConfig.__dataclass_fields__]
    assert len({config.digest, *(item.digest for item in changed)}) == len(changed) + 1
    assert GenerationConfig().digest == config.digest
