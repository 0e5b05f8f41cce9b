"""Several teachers: their seeds, what is kept of them, what is said of them; asked for with -m slow, those of real families."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stopped_training import Stopped, stop_after
from toy import toy_events

from l1ml.configuration import from_mapping
from l1ml.errors import ConfigError
from l1ml.training import TrainingConfig, family_of
from l1ml.training.autoencoder import AutoencoderConfig
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.fitting import Fit
from l1ml.training.imitation import ImitationConfig
from l1ml.training.imitation.handover import student_of
from l1ml.training.imitation.student import Student
from l1ml.training.imitation.teachers import Course, forget_teachers, records_of, teacher_seed, train_teachers
from l1ml.training.vae import VaeConfig

CONFIG = TrainingConfig(seed=7)


class Scorer:
    """A score with one weight."""

    def __init__(self, weight: float = 0.0) -> None:
        self.weight = np.float32(weight)

    def __call__(self, words: np.ndarray, training: bool) -> np.ndarray:
        return np.abs(words[:, :1] + self.weight * words[:, 1:2])

    def get_weights(self) -> list[np.ndarray]:
        return [np.array(self.weight)]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        (self.weight,) = weights


class School:
    """A course that notes whom it trains; from `breaks_at` on it is killed."""

    def __init__(self, breaks_at: int = 99) -> None:
        self.trained: list[int] = []
        self.keys: list[str] = []
        self.breaks_at = breaks_at
        self.course = Course(self.train, Scorer)

    def train(self, config: Any, *, progress: Any, checkpoint: Checkpoint | None) -> Student:
        if len(self.trained) == self.breaks_at:
            raise Stopped
        self.trained.append(config.seed)
        self.keys.append("" if checkpoint is None else checkpoint.key)
        progress.start("training", 1)
        losses = {"loss": [3.0, float(len(self.trained))], "val_loss": [4.0, 2.0]}
        return Student(Scorer(config.seed % 1000 / 1000), Fit(losses, 2))


def test_teachers_of_recipes_of_neighbouring_seeds_are_all_different():
    seeds = [teacher_seed(seed, index) for seed in range(1, 101) for index in range(8)]
    assert len(set(seeds)) == len(seeds)
    assert min(seeds) >= 0
    assert max(seeds) < 2**32
    assert [teacher_seed(seed, 0) for seed in (1, 2)] == [1, 2]


def test_teachers_differ_in_their_seeds_alone_and_more_of_them_begin_alike():
    few, many = (train_teachers(School().course, CONFIG, n) for n in (2, 4))
    assert [item.seed for item in few] == [item.seed for item in many[:2]] == [7, teacher_seed(7, 1)]
    assert len({item.seed for item in many}) == 4


def test_progress_says_which_of_several_teachers_is_trained():
    class Told:
        def __init__(self) -> None:
            self.tasks: list[str] = []

        def start(self, task: str, total: int | None = None) -> None:
            self.tasks.append(task)

    one, two = Told(), Told()
    train_teachers(School().course, CONFIG, 1, progress=one)
    train_teachers(School().course, CONFIG, 2, progress=two)
    assert one.tasks == ["training"]
    assert two.tasks == ["teacher 1 of 2: training", "teacher 2 of 2: training"]


def test_teachers_that_are_done_are_not_trained_again(tmp_path: Path):
    checkpoint, school, again = Checkpoint(tmp_path / "checkpoint.npz", "k"), School(breaks_at=2), School()
    with pytest.raises(Stopped):
        train_teachers(school.course, CONFIG, 3, checkpoint=checkpoint)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint.teacher_1.npz", "checkpoint.teacher_2.npz"]
    found = train_teachers(again.course, CONFIG, 3, checkpoint=checkpoint)
    assert again.trained == [teacher_seed(7, 2)]
    assert len({*school.keys, *again.keys}) == 3  # the epochs of one are none of another
    for teacher, whole in zip(found, train_teachers(School().course, CONFIG, 3), strict=True):
        assert teacher.seed == whole.seed
        assert teacher.student.scorer.weight == whole.student.scorer.weight
        assert teacher.student.fit.best_epoch == whole.student.fit.best_epoch
    assert [item.student.fit.losses["loss"] for item in found] == [[3.0, 1.0], [3.0, 2.0], [3.0, 1.0]]
    forget_teachers(checkpoint, 3)
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_damaged_or_of_another_training_is_no_teacher(tmp_path: Path):
    checkpoint = Checkpoint(tmp_path / "checkpoint.npz", "k")
    train_teachers(School().course, CONFIG, 2, checkpoint=checkpoint)
    (tmp_path / "checkpoint.teacher_2.npz").write_bytes(b"half")
    damaged, other = School(), School()
    train_teachers(damaged.course, CONFIG, 2, checkpoint=checkpoint)
    assert damaged.trained == [teacher_seed(7, 1)]
    train_teachers(other.course, CONFIG, 2, checkpoint=replace(checkpoint, key="l"))
    assert other.trained == [7, teacher_seed(7, 1)]


def test_records_say_how_much_of_what_is_taught_each_teacher_explains(rng: np.random.Generator):
    words = rng.integers(0, 50, (400, 2)).astype(np.float32)
    teachers = train_teachers(School().course, CONFIG, 3)
    shares = [item.explained for item in records_of(teachers, words)]
    assert all(0.5 < share < 1 for share in shares)
    (alone,) = records_of(teachers[:1], words)
    assert alone.explained == 1
    assert alone.to_dict() | {"cpu_seconds": None} == {
        "seed": 7, "epochs": 2, "best_epoch": 2, "loss": 1.0, "val_loss": 2.0, "explained": 1.0, "cpu_seconds": None
    }  # fmt: skip


@pytest.mark.parametrize("teachers", [0, -1])
def test_a_student_of_nobody_is_refused(teachers: int):
    with pytest.raises(ConfigError, match=f"at least 1 teacher, received teachers = {teachers}; without"):
        ImitationConfig(teachers=teachers)


@pytest.mark.parametrize("family", ["contrastive", "tagger", "regions"])
def test_families_that_imitate_nobody_refuse_teachers(family: str):
    with pytest.raises(ConfigError, match=r"teachers|bits"):
        from_mapping(family_of(family).config, {"bits": {"teachers": 5}}, "model.toml.training")


def test_the_student_has_all_teachers_and_their_files_go_when_it_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    learning = pytest.importorskip("l1ml.training.imitation.learning")
    checkpoint, asked = Checkpoint(tmp_path / "checkpoint.npz", "k"), []

    def imitate(teachers: Any, words: Any, config: Any, *, seed: int, **_options: Any) -> Student:
        asked.append((len(teachers), len(words), seed, len(list(tmp_path.iterdir()))))
        return teachers[0]

    monkeypatch.setattr(learning, "imitate", imitate)
    parts = [toy_events(30, np.random.default_rng(part)) for part in range(3)]
    for n in (1, 2):
        bits = ImitationConfig(teachers=n)
        _, records = student_of(School().course, parts, CONFIG, bits, checkpoint=checkpoint)
        assert [item.seed for item in records] == ([] if n == 1 else [7, teacher_seed(7, 1)])
    assert asked == [(1, 3, 7, 1), (2, 3, 7, 2)]
    assert not list(tmp_path.iterdir())


BITS = ImitationConfig(
    limit=4000, teachers=2, epochs=8, batch_size=300, learning_rate=0.02, warm_up=2, last_price=1e-3, settle_epochs=1
)
SMALL: dict[str, Any] = {"hidden": (6,), "epochs": 2, "pruning_epochs": 1, "batch_size": 512, "n_golden": 50, "bits": BITS}
CONFIGS = {"vae": VaeConfig(latent=3, **SMALL), "autoencoder": AutoencoderConfig(decoder=(6,), **SMALL)}


def trained(family: str, config: Any = None, **options: Any) -> Any:
    pytest.importorskip("qkeras")
    events = toy_events(1500, np.random.default_rng(5))
    return family_of(family).train(events, config or CONFIGS[family], name="toy", **options)


@cache
def whole() -> Any:
    return trained("vae")


@pytest.mark.slow
def test_a_student_of_two_says_what_there_is_to_say_of_both():
    told = whole().to_dict()
    assert [item["seed"] for item in told["teachers"]] == [1, teacher_seed(1, 1)]
    assert [len(told["losses"][name]) for name in ("loss", "teacher_loss", "teacher_2_val_loss")] == [8, 2, 2]
    assert told["losses"]["teacher_loss"] != told["losses"]["teacher_2_loss"]
    for item, curve in zip(told["teachers"], ("teacher_val_loss", "teacher_2_val_loss"), strict=True):
        assert item["val_loss"] == told["losses"][curve][item["best_epoch"] - 1]
        assert 0 < item["cpu_seconds"] < told["cpu_seconds"]
    assert told["metrics"]["training"]["bits"]["teachers"] == 2


@pytest.mark.slow
def test_a_training_stopped_between_teachers_goes_on_to_the_same_result(tmp_path: Path):
    checkpoint = Checkpoint(tmp_path / "checkpoint.npz", "k")
    with pytest.raises(Stopped):
        trained("vae", progress=stop_after(3), checkpoint=checkpoint)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint.npz", "checkpoint.teacher_1.npz"]
    done = trained("vae", checkpoint=checkpoint)
    assert (done.model.digest, done.losses, done.best_epoch) == (whole().model.digest, whole().losses, whole().best_epoch)
    assert [item.explained for item in done.teachers] == [item.explained for item in whole().teachers]
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("family", CONFIGS)
def test_each_teacher_is_what_its_seed_gives_alone(family: str):
    taught = whole() if family == "vae" else trained(family)
    for teacher, prefix in zip(taught.teachers, ("teacher_", "teacher_2_"), strict=True):
        alone = trained(family, replace(CONFIGS[family], bits=None, seed=teacher.seed))
        assert alone.losses == {name: taught.losses[prefix + name] for name in alone.losses}
        assert alone.best_epoch == teacher.best_epoch
    first = trained(family, replace(CONFIGS[family], bits=replace(BITS, teachers=1)))
    assert (first.teachers, "teachers" in first.to_dict()) == ((), False)
    assert first.model.digest != taught.model.digest
    assert first.losses["teacher_loss"] == taught.losses["teacher_loss"]
