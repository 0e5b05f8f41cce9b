from __future__ import annotations

import pytest

from l1ml.errors import ConfigError
from l1ml.training import FAMILIES, TrainingConfig, family_of


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_has_a_recipe_of_its_own(name: str) -> None:
    family = family_of(name)
    assert family.name == name
    assert isinstance(family.config(), TrainingConfig)


@pytest.mark.parametrize(
    ("name", "message"), [("autoencodr", "did you mean 'autoencoder'"), ("gan", "known: autoencoder, .*vae")]
)
def test_a_family_that_there_is_not(name: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        family_of(name)
