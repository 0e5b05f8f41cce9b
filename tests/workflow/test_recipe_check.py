from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from l1ml.errors import DataError
from l1ml.model import TriggerModel
from l1ml.workflow.recipe import read_recipe
from l1ml.workflow.recipe_check import require_recipe
from l1ml.workflow.workspace import Workspace

MODELS = Path(__file__).parents[2] / "models"
AXO = MODELS / "axo"


@pytest.mark.parametrize("folder", sorted(path.parent for path in MODELS.glob("*/golden.h5")))
def test_shipped_weights_are_those_of_their_recipe(folder: Path) -> None:
    require_recipe(TriggerModel.load(folder), read_recipe(folder), folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("epochs = 100", "epochs = 99", "epochs is 100 in the weights, 99 in the recipe; train again with l1ml train"),
        ("weight_bits = 6", "weight_bits = 5", r"quantisation.weight_bits is 6 in the weights, 5"),
        ("beta = 0.005\n", "", r"beta is 0.005 in the weights, 0.05"),
        ("hidden = [32, 16]", "hidden = [8]\nlatent = 3\nseed = 2\nbeta = 1.0", "and 1 more; train again"),
    ],
)
def test_a_recipe_changed_after_the_training_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    for name in ("weights.keras", "golden.h5"):
        shutil.copy(AXO / name, tmp_path)
    text = (AXO / "model.toml").read_text()
    if "seed = 2" in new:
        for line in ("seed = 1\nhidden", "latent = 8\n", "beta = 0.005\n"):
            text = text.replace(line, "hidden" if line.endswith("hidden") else "")
    (tmp_path / "model.toml").write_text(text.replace(old, new))
    with pytest.raises(DataError, match=message):
        Workspace(tmp_path, tmp_path).model()


def test_another_family_is_refused_and_a_new_setting_has_its_default() -> None:
    model, recipe = TriggerModel.load(AXO), read_recipe(AXO)
    other = replace(recipe, model=replace(recipe.model, family="autoencoder"))
    with pytest.raises(DataError, match="family is vae in the weights, autoencoder in the recipe"):
        require_recipe(model, other, AXO)
    kept = {key: value for key, value in model.metrics["training"].items() if key != "n_golden"}
    require_recipe(replace(model, metrics={"training": kept}), recipe, AXO)
    require_recipe(replace(model, metrics={}), other, AXO)
