"""Loss of the variational autoencoder, weighted crossing by crossing."""

from __future__ import annotations

from typing import Any

from l1ml._optional import require

__all__ = ["make_autoencoder"]


def make_autoencoder(encoder: Any, decoder: Any, *, beta: float, seed: int) -> Any:
    """Trainable Keras model of `encoder` and `decoder`.

    It reads words; its target is (n, 2 n_features): standardised features beside their importance. The loss of a crossing is the
    squared error averaged with the importances, plus `beta` times the Kullback-Leibler divergence of the latent
    normal distributions from the unit one (arXiv:1312.6114, eq. 10), per latent dimension.
    """
    keras = require("keras")
    ops = keras.ops

    class Autoencoder(keras.Model):  # type: ignore[misc, name-defined]  # Keras has no type hints
        """Encoder, reparametrised sample, decoder."""

        def __init__(self) -> None:
            super().__init__(name="autoencoder")
            self.encoder, self.decoder = encoder, decoder
            self.log_variance = keras.layers.Dense(encoder.output_shape[0][-1], name="log_variance")
            self.noise = keras.random.SeedGenerator(seed)

        def call(self, words: Any, training: bool = False) -> dict[str, Any]:
            mean, hidden = self.encoder(words, training=training)
            log_variance = ops.clip(self.log_variance(hidden), -8.0, 4.0)
            sample = mean
            if training:
                sample = mean + ops.exp(0.5 * log_variance) * keras.random.normal(ops.shape(mean), seed=self.noise)
            return {"features": self.decoder(sample, training=training), "mean": mean, "log_variance": log_variance}

        def compute_loss(
            self,
            x: Any = None,  # noqa: ARG002 - the signature is Keras's
            y: Any = None,
            y_pred: Any = None,
            sample_weight: Any = None,
            training: bool = True,  # noqa: ARG002
        ) -> Any:
            target, importance = ops.split(y, 2, axis=-1)
            squares = ops.square(y_pred["features"] - target)
            error = ops.sum(importance * squares, axis=-1) / ops.sum(importance, axis=-1)
            mean, log_variance = y_pred["mean"], y_pred["log_variance"]
            divergence = 0.5 * ops.mean(ops.square(mean) + ops.exp(log_variance) - 1.0 - log_variance, axis=-1)
            return ops.sum(sample_weight * (error + beta * divergence)) / ops.sum(sample_weight)

    return Autoencoder()
