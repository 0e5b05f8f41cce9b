"""The family ``tagger``: a float reference, and a student of it whose logits are words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from l1ml.data import Events
from l1ml.determinism import seed_everything
from l1ml.progress import SILENT, Progress
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.delivery import deliver
from l1ml.training.family import Family
from l1ml.training.result import Training
from l1ml.training.sample import require_schema, split_sample
from l1ml.training.stopwatch import Stopwatch
from l1ml.training.tagger.architecture import build_tagger
from l1ml.training.tagger.config import TaggerConfig
from l1ml.training.tagger.layers import FloatLayers
from l1ml.training.tagger.mirror_images import with_mirror_images
from l1ml.training.tagger.reference import train_reference
from l1ml.training.tagger.sample import JetSample, field_shifts, jet_samples, logits_of
from l1ml.training.tagger.student import Lesson, train_fixed, train_floats, train_learned

__all__ = ["FAMILY"]


class _Tagger:
    """One logit for each class of jets."""

    name = "tagger"
    config = TaggerConfig

    def train(
        self,
        events: Events,
        config: TaggerConfig,
        *,
        name: str,
        progress: Progress = SILENT,
        checkpoint: Checkpoint | None = None,
    ) -> Training:
        """Train the reference, then the student, and put the student into a model; see `Family.train`.

        Raises
        ------
        SchemaError
            If the jets have other words than the architecture reads.
        """
        watch, parts = Stopwatch(), _parts(events, config)
        test = jet_samples(parts)[2]
        file = None if checkpoint is None else checkpoint.beside("reference")
        lesson, reference = _lesson(parts, config, progress, file)
        student = (
            train_fixed(lesson, progress, checkpoint)
            if config.bits is None
            else train_learned(lesson, config.bits, progress, checkpoint)
        )
        if file is not None:
            file.remove()
        figures = {
            "classes": list(events.processes),
            "bit_operations": student.bit_operations,
            "reference": _compared(test, reference, student.network),
        }
        score = f"logits of {', '.join(events.processes)}"
        return deliver(
            student.network, student.fit, parts, config, name=name, family=self.name, score=score, watch=watch, figures=figures
        )

    def float_scorer(self, events: Events, config: TaggerConfig, *, progress: Progress = SILENT) -> Any:
        """The student in floats, with the same teacher; see `HasFloatTwin`."""
        lesson, _ = _lesson(_parts(events, config), config, progress, None)
        return train_floats(lesson, progress)


def _parts(events: Events, config: TaggerConfig) -> list[Events]:
    """Train, validation and test jets."""
    require_schema(events, config.schema, config.architecture)
    return split_sample(events, config.fractions)


def _lesson(
    parts: Sequence[Events], config: TaggerConfig, progress: Progress, checkpoint: Checkpoint | None
) -> tuple[Lesson, Any]:
    """What a student is taught by the reference, which is trained for it or taken from `checkpoint`; and the reference."""
    train, validation, _ = jet_samples(parts)
    shifts, n_classes = field_shifts(parts[0]), len(parts[0].processes)
    if config.mirrored:
        train = with_mirror_images(train, parts[0].schema)
    seed_everything(config.seed)
    untrained = build_tagger(config.of_reference, shifts, n_classes, config.reference.hidden, FloatLayers())
    reference = train_reference(
        untrained, (train, validation), config.reference, seed=config.seed, progress=progress, checkpoint=checkpoint
    )
    teacher = (logits_of(reference, train.words), logits_of(reference, validation.words))
    build = partial(build_tagger, config, shifts, n_classes, config.hidden)
    formats = parts[0].schema.feature_formats
    largest = tuple(form.max * 2.0**-shift for form, shift in zip(formats, shifts, strict=True))
    return Lesson(config, build, (train, validation), teacher, largest), reference


def _compared(test: JetSample, reference: Any, student: Any) -> dict[str, Any]:
    """Test jets that both, one or none get right: what the difference of two accuracies on the same jets and its error need.

    Beside them the widths of all dense layers of the reference but the last.
    """
    right = [logits_of(network, test.words).argmax(axis=-1) == test.classes for network in (reference, student)]
    return {
        "hidden": [layer.units for layer in reference.layers if hasattr(layer, "units")][:-1],
        "n": len(test.classes),
        "n_right": int(right[0].sum()),
        "n_only_reference": int((right[0] & ~right[1]).sum()),
        "n_only_model": int((right[1] & ~right[0]).sum()),
    }


FAMILY: Family = _Tagger()
