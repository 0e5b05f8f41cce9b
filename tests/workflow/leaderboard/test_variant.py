from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from l1ml.errors import ConfigError, DataError
from l1ml.training.imitation import of_fixed_formats
from l1ml.workflow.leaderboard import VARIANTS, variants_of
from l1ml.workflow.leaderboard.making import obstacle
from l1ml.workflow.leaderboard.row import numbers_of
from l1ml.workflow.leaderboard.variant import eight_bits, unpruned
from l1ml.workflow.leaderboard.variant_workspace import VariantWorkspace
from l1ml.workflow.recipe import read_recipe
from l1ml.workflow.workspace import Workspace

MODELS = sorted(path.parent for path in (Path(__file__).parents[3] / "models").glob("*/model.toml"))


@pytest.mark.parametrize("folder", MODELS, ids=[path.name for path in MODELS])
def test_eight_bits_change_widths_and_pruning_and_nothing_else(folder: Path) -> None:
    recipe = read_recipe(folder)
    plain = eight_bits(recipe)
    formats = asdict(plain.training.quantisation)
    assert {value for name, value in formats.items() if name.endswith("_bits")} == {8}
    before = asdict(recipe.training.quantisation)
    assert all(formats[name] == before[name] for name in formats if name.endswith("_integer"))
    assert plain.training.sparsity == 0.0
    assert getattr(plain.training, "bits", None) is None
    assert eight_bits(plain) == plain
    same = {name: getattr(recipe.training, name) for name in ("sparsity", "pruning", "quantisation")}
    if getattr(recipe.training, "bits", None) is not None:
        same |= {"bits": recipe.training.bits, "patience": recipe.training.patience}
        is_taught = of_fixed_formats(recipe.training) != recipe.training  # by a network that stops as it does
        assert plain.training.patience == (recipe.training.patience if is_taught else recipe.training.epochs)
    assert replace(plain, training=replace(plain.training, **same)) == recipe
    assert unpruned(recipe).training.quantisation == recipe.training.quantisation


def test_integers_that_eight_bits_do_not_hold_are_refused() -> None:
    recipe = read_recipe(MODELS[0])
    wide = replace(recipe.training.quantisation, input_bits=12, input_integer=8)
    with pytest.raises(ConfigError, match=r"8 bits hold no input_integer = 8 of \w+ beside the sign"):
        eight_bits(replace(recipe, training=replace(recipe.training, quantisation=wide)))


def test_numbers_in_words() -> None:
    taught, jets = (read_recipe(folder) for folder in MODELS if folder.name in ("axo_ae", "jet_hlf"))
    fixed = replace(taught, training=of_fixed_formats(taught.training))
    assert numbers_of(fixed, is_float=False) == "weights 6, activations 8 bits, 70 % pruned"
    assert numbers_of(taught, is_float=False) == "bits learned of each weight"
    assert numbers_of(eight_bits(taught), is_float=False) == "weights 8, activations 8 bits, not pruned"
    assert numbers_of(jets, is_float=False) == "bits learned of each weight"
    assert numbers_of(jets, is_float=True) == "float32"


def test_names_of_variants() -> None:
    assert [item.name for item in variants_of(["shipped", "float", "shipped"])] == ["shipped", "float"]
    with pytest.raises(ConfigError, match="there is no variant '8bit'; did you mean '8-bit'"):
        variants_of(["8bit"])


def test_each_variant_has_a_model_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_text('[model]\nname = "toy"\n')
    own = {name: VariantWorkspace.of(Workspace(tmp_path, tmp_path), item) for name, item in VARIANTS.items()}
    with pytest.raises(DataError, match="no trained model for the variant '8-bit'; make it with: l1ml leaderboard"):
        _ = own["8-bit"].model_folder
    with pytest.raises(DataError, match="no trained model for the variant 'shipped'; make it with: l1ml run --promote"):
        _ = own["shipped"].model_folder
    (tmp_path / "run").mkdir()
    for folder in (tmp_path / "run", tmp_path):
        (folder / "golden.h5").touch()
        assert own["shipped"].model_folder == folder
    assert own["8-bit"].run == tmp_path / "run" / "variants" / "8-bit"
    assert own["8-bit"].sample == own["shipped"].sample == tmp_path / "run"


def test_a_family_of_learned_bits_has_no_other_make(tmp_path: Path) -> None:
    workspace = Workspace(MODELS[0].parent / "calo_cnn", tmp_path)
    found = {variant.name: obstacle(VariantWorkspace.of(workspace, variant)) for variant in VARIANTS.values()}
    assert found == {"float": "", "8-bit": "the family 'regions' has no network but of learned bits", "shipped": ""}
