from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from l1ml.cli import data
from l1ml.cli.arguments import workspace_of
from l1ml.errors import ConfigError
from l1ml.progress import SILENT
from l1ml.training import CROSSINGS
from l1ml.training.autoencoder import AutoencoderConfig
from l1ml.training.imitation import ImitationConfig, of_fixed_formats
from l1ml.training.tagger import LearnedBitsConfig, TaggerConfig
from l1ml.training.vae import VaeConfig
from l1ml.trigger import read_menu
from l1ml.workflow.decision_step import DECISION
from l1ml.workflow.recipe import ModelSection, read_recipe
from l1ml.workflow.step import perform
from l1ml.workflow.workspace import Workspace

MODELS = Path(__file__).parents[2] / "models"


@pytest.mark.parametrize("folder", sorted(path.parent.name for path in MODELS.glob("*/model.toml")))
def test_shipped_recipes_and_menus_can_be_read(folder: str) -> None:
    recipe = read_recipe(MODELS / folder)
    assert recipe.model.name == folder
    if recipe.training.sample is CROSSINGS:
        assert read_menu(MODELS / folder / "menu.toml").names


def test_the_scale_asked_for_replaces_the_recipe_s(tmp_path: Path) -> None:
    assert Workspace(MODELS / "axo", tmp_path, scale=0.25).recipe.events.scale == 0.25


def test_the_pileup_asked_for_replaces_the_recipe_s(tmp_path: Path) -> None:
    (tmp_path / "profile.csv").write_text("mu,crossings\n30,1\n50,1\n")
    parser = argparse.ArgumentParser()
    data.add_parser(parser.add_subparsers())
    words = ("data", "generate", str(MODELS / "axo"), "--pileup-profile", str(tmp_path / "profile.csv"))
    args = parser.parse_args(words)
    events = workspace_of(args).recipe.events
    assert (events.pileup, events.profile.mu) == (40.0, (30.0, 50.0))
    assert events.scale == 1.0


@pytest.mark.parametrize("name", ["Axo", "4b", "a-b", ""])
def test_a_name_must_be_an_identifier(name: str) -> None:
    with pytest.raises(ConfigError, match="small letters"):
        ModelSection(name)


def test_the_family_reads_its_own_training(tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_text('[model]\nname = "a"\nfamily = "autoencoder"\n[training]\nangles = true\n')
    recipe = read_recipe(tmp_path)
    assert recipe.training == AutoencoderConfig(angles=True)
    assert recipe.family.name == "autoencoder"
    (tmp_path / "model.toml").write_text('[model]\nname = "a"\n')
    assert read_recipe(tmp_path).training == VaeConfig()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('family = "autoencoder"\n[training]\nbeta = 1.0', r"model.toml.training has no key 'beta'"),
        ('family = "vaee"', "there is no family of models 'vaee'; did you mean 'vae'"),
        ("[training]\nangles = true", r"model.toml.training has no key 'angles'"),
    ],
)
def test_what_a_family_cannot_read(tmp_path: Path, table: str, message: str) -> None:
    (tmp_path / "model.toml").write_text(f'[model]\nname = "a"\n{table}\n')
    with pytest.raises(ConfigError, match=message):
        read_recipe(tmp_path)


def test_training_must_be_a_table(tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_text('training = 3\n[model]\nname = "a"\n')
    with pytest.raises(ConfigError, match="training must be a table, received 3"):
        read_recipe(tmp_path)


TAGGER = '[model]\nname = "a"\nfamily = "tagger"\n'


def test_a_tagger_reads_jets_and_its_own_tables(tmp_path: Path) -> None:
    text = "[jets]\njets = 100\nradius = 0.4\n[tagging]\nsignal = [0.5]\n[training.bits]\nlimit = 900\n"
    (tmp_path / "model.toml").write_text(TAGGER + text)
    recipe = Workspace(tmp_path, tmp_path, scale=0.5).recipe
    assert (recipe.jets.jets, recipe.jets.radius, recipe.tagging.signal) == (50, 0.4, (0.5,))
    assert recipe.training.sample.process == "jets"
    assert recipe.training.schema.name == "jet_features"
    assert recipe.training == TaggerConfig(bits=LearnedBitsConfig(limit=900))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TAGGER + "[events]\nseed = 1", r"\[events\] is about crossings, the family 'tagger' trains on jets"),
        ('[model]\nname = "a"\n[jets]\nseed = 1', r"\[jets\] is about jets, the family 'vae' trains on crossings"),
        (TAGGER + '[training]\narchitecture = "dens"', "there is no architecture of taggers 'dens'; did you mean 'dense'"),
    ],
)
def test_tables_of_another_sample_are_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "model.toml").write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_recipe(tmp_path)


def test_crossings_must_have_the_words_that_the_family_reads(tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_text("[model]\nname = 'm'\n[events]\nobjects = 'calo_regions'\n")
    with pytest.raises(ConfigError, match=r"'level1_regions', the family 'vae' reads 'level1': write objects = 'axol1tl'"):
        read_recipe(tmp_path)


def test_a_step_of_another_sample_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_text(TAGGER)
    with pytest.raises(ConfigError, match=r"the step 'decision' is for models that are trained on crossings; .* trained on jets"):
        perform(DECISION, Workspace(tmp_path, tmp_path), SILENT)


def test_jets_have_no_pileup(tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_text(TAGGER)
    (tmp_path / "profile.csv").write_text("mu,crossings\n30,1\n")
    with pytest.raises(ConfigError, match="jets have no pileup"):
        _ = Workspace(tmp_path, tmp_path, pileup_profile=tmp_path / "profile.csv").recipe


def test_axo_learned_is_axo_with_bits_to_learn() -> None:
    plain, learned = (read_recipe(MODELS / name) for name in ("axo", "axo_learned"))
    assert of_fixed_formats(learned.training) == plain.training
    assert (learned.events, learned.conversion) == (plain.events, plain.conversion)
    bits = getattr(learned.training, "bits", None)
    assert isinstance(bits, ImitationConfig)
    assert bits.teachers == 5
