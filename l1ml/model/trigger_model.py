"""A trained, quantised network as a value: what it reads, what it computes, and the words that prove it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError, SchemaError
from l1ml.hardware import FixedPoint
from l1ml.model.keras_file import keras_model_of
from l1ml.model.network import Network
from l1ml.storage import digest_of, write_bytes

__all__ = ["GoldenWords", "TriggerModel", "digest_of_model"]

_FORMAT = "l1ml-model"
_FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class GoldenWords:
    """Input words (n, n_features) and the score words, (n,) or (n, n_outputs), that every implementation must give for them."""

    inputs: NDArray[np.int32]
    scores: NDArray[np.int64]


def digest_of_model(schema_digest: str, features: tuple[str, ...], network: Network) -> str:
    """SHA-256 of what a model computes: schema, features, integer network."""
    return digest_of({"schema": schema_digest, "features": features, "network": network.to_dict()})


@dataclass(frozen=True, eq=False)
class TriggerModel:
    """A trigger network with everything that gives its words a meaning.

    Parameters
    ----------
    name : str
        Short name, also the folder's: ``axo``.
    schema_digest : str
        Digest of the `EventSchema` that it was trained on.
    features : sequence of str
        Name of each input, in order.
    network : Network
        Integer form: the reference of every other implementation.
    score : str
        What the score is, in words.
    weights : bytes
        The ``.keras`` file of encoder and score.
    golden : GoldenWords
        A few hundred crossings with their scores.
    metrics : mapping
        Figures of the training, JSON values.
    """

    name: str
    schema_digest: str
    features: tuple[str, ...]
    network: Network
    score: str
    weights: bytes
    golden: GoldenWords
    metrics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def input_formats(self) -> tuple[FixedPoint, ...]:
        """Integer format of each input word on the link."""
        return tuple(self.network.input_formats)

    @property
    def output_format(self) -> FixedPoint:
        """Format of every score word."""
        return self.network.output_format

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the model computes: schema, features, integer network. A threshold is bound to it."""
        return digest_of_model(self.schema_digest, self.features, self.network)

    def keras(self) -> Any:
        """The Keras model of encoder and score; input words as float32 (n, n_features), output (n, n_outputs)."""
        return keras_model_of(self.weights)

    def save(self, folder: Path) -> None:
        """Write ``weights.keras`` and ``golden.h5`` to `folder`, each whole or not at all.

        Raises
        ------
        StorageError
            If the disk is full.
        """
        buffer = io.BytesIO()
        with h5py.File(buffer, "w") as file:
            file.attrs.update(self._header())
            file.create_dataset("network", data=json.dumps(self.network.to_dict()), track_times=False)
            for name, words in (("input_words", self.golden.inputs), ("score_words", self.golden.scores)):
                file.create_dataset(name, data=words, compression="gzip", shuffle=True, track_times=False)
        write_bytes(folder / "weights.keras", self.weights)
        write_bytes(folder / "golden.h5", buffer.getvalue())

    def _header(self) -> dict[str, str | int]:
        return {
            "format": _FORMAT,
            "format_version": _FORMAT_VERSION,
            "name": self.name,
            "digest": self.digest,
            "schema_digest": self.schema_digest,
            "features": json.dumps(self.features),
            "score": self.score,
            "output_format": str(self.output_format),
            "weights_sha256": digest_of(self.weights),
            "metrics": json.dumps(dict(self.metrics), allow_nan=False),
        }

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The model saved in `folder`.

        Raises
        ------
        DataError
            If a file is missing, truncated, or not the one that was saved with the other.
        SchemaError
            If ``golden.h5`` is of another format version.
        """
        for name in ("weights.keras", "golden.h5"):
            if not (folder / name).is_file():
                msg = f"{folder / name} does not exist; train the model with: l1ml train <model folder>"
                raise DataError(msg)
        weights = (folder / "weights.keras").read_bytes()
        try:
            with h5py.File(folder / "golden.h5", "r") as file:
                return cls._from_file(file, weights, folder)
        except (OSError, KeyError) as error:
            msg = f"{folder / 'golden.h5'} is truncated or damaged: {error}"
            raise DataError(msg) from error

    @classmethod
    def _from_file(cls, file: h5py.File, weights: bytes, folder: Path) -> Self:
        if file.attrs.get("format") != _FORMAT or file.attrs["format_version"] != _FORMAT_VERSION:
            msg = f"{folder / 'golden.h5'} is no {_FORMAT} file of version {_FORMAT_VERSION}; train or convert again"
            raise SchemaError(msg)
        if digest_of(weights) != file.attrs["weights_sha256"]:
            msg = f"{folder}: weights.keras and golden.h5 do not belong together; restore both or train again"
            raise DataError(msg)
        model = cls(
            name=str(file.attrs["name"]),
            schema_digest=str(file.attrs["schema_digest"]),
            features=tuple(json.loads(str(file.attrs["features"]))),
            network=Network.from_dict(json.loads(file["network"].asstr()[()])),
            score=str(file.attrs["score"]),
            weights=weights,
            golden=GoldenWords(file["input_words"][:], file["score_words"][:]),
            metrics=json.loads(str(file.attrs["metrics"])),
        )
        if model.digest != file.attrs["digest"]:
            said = str(file.attrs["digest"])[:8]
            msg = f"{folder / 'golden.h5'}: the network inside has digest {model.digest[:8]}, the file says {said}"
            raise DataError(msg)
        return model
