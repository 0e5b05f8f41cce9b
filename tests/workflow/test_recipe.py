from __future__ import annotations

from pathlib import Path

import pytest

from l1ml.errors import ConfigError
from l1ml.trigger import read_menu
from l1ml.workflow.recipe import ModelSection, read_recipe
from l1ml.workflow.workspace import Workspace

MODELS = Path(__file__).parents[2] / "models"


@pytest.mark.parametrize("folder", sorted(path.parent.name for path in MODELS.glob("*/model.toml")))
def test_shipped_recipes_and_menus_can_be_read(folder: str) -> None:
    assert read_recipe(MODELS / folder).model.name == folder
    assert read_menu(MODELS / folder / "menu.toml").names


def test_the_scale_asked_for_replaces_the_recipe_s(tmp_path: Path) -> None:
    assert Workspace(MODELS / "axo", tmp_path, scale=0.25).recipe.events.scale == 0.25


@pytest.mark.parametrize("name", ["Axo", "4b", "a-b", ""])
def test_a_name_must_be_an_identifier(name: str) -> None:
    with pytest.raises(ConfigError, match="small letters"):
        ModelSection(name)
