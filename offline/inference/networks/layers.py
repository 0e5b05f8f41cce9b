"""Layers of Keras: summaries of sets in front of a density."""

from __future__ import annotations

from typing import Any

from l1ml._optional import require
from offline.density.networks import CouplingDensity, VelocityDensity, dense_velocity
from offline.inference.networks.denoising import DenoisingDensity
from offline.inference.networks.settings import Diffusion, Flow, NetworkSettings, Summary

keras = require("keras")
ops = keras.ops

__all__ = ["density_network", "set_summary"]


def density_network(settings: NetworkSettings, n_drawn: int, n_inputs: int, slots: int, seed: int) -> Any:
    """Network of p(z | x), not yet trained.

    Parameters
    ----------
    settings : Flow, Matching or Diffusion
        Sizes.
    n_drawn, n_inputs : int
        Columns of z and x; x of sets is flat, see `Scaling.inputs`.
    slots : int
        Events of a set, 0 where there are none.
    seed : int
        Of weights and noise.
    """
    keras.utils.set_random_seed(seed)
    conditions = settings.summary.size if slots else n_inputs
    if isinstance(settings, Flow):
        network: Any = CouplingDensity(
            n_drawn,
            conditions,
            depth=settings.depth,
            widths=settings.widths,
            transform=settings.transform,
            bins=settings.bins,
            seed=seed,
        )
    else:
        dense = dense_velocity(n_drawn, conditions, settings.widths)
        if isinstance(settings, Diffusion):
            network = DenoisingDensity(dense, n_drawn, steps=settings.steps, least=settings.least, seed=seed)
        else:
            network = VelocityDensity(dense, n_drawn, steps=settings.steps, seed=seed)
    if not slots:
        return network
    return Summarised(network, set_summary(settings.summary, slots, n_inputs // slots))


class Summarised(keras.layers.Layer):  # type: ignore[misc, name-defined]  # Keras has no type hints
    """A density given a summary of x that is learnt with it."""

    def __init__(self, density: Any, encoder: Any) -> None:
        super().__init__()
        self.density, self.encoder = density, encoder
        self.n_drawn, self.n_noise, self.noise = density.n_drawn, density.n_noise, density.noise
        self.built = True

    def event_loss(self, z: Any, x: Any) -> Any:
        """That of the density."""
        return self.density.event_loss(z, self.encoder(x))

    def transport(self, noise: Any, x: Any) -> Any:
        """Draws of the density."""
        return self.density.transport(noise, self.encoder(x))


def set_summary(settings: Summary, slots: int, columns: int) -> Any:
    """Deep set or set transformer, of sets as rows, shape (n, slots * columns), whose last column says which events are there."""
    flat = keras.Input((slots * columns,))
    events = keras.layers.Reshape((slots, columns))(flat)
    hidden = events
    for width in settings.event_widths:
        hidden = keras.layers.Dense(width, activation="silu")(hidden)
    for _ in range(settings.blocks):
        hidden = _attended(hidden, events, settings.heads)
    mean, number = Pooled()([hidden, events])
    hidden = keras.layers.Concatenate()([mean, number])
    for width in settings.set_widths:
        hidden = keras.layers.Dense(width, activation="silu")(hidden)
    return keras.Model(flat, keras.layers.Dense(settings.size)(hidden))


def _attended(hidden: Any, events: Any, heads: int) -> Any:
    """One block: normalised, attention to the events that are there, then a layer for each event; both are added."""
    width = hidden.shape[-1]
    there = Present()(events)
    before = keras.layers.LayerNormalization()(hidden)
    attention = keras.layers.MultiHeadAttention(heads, width // heads)
    hidden = hidden + attention(before, before, attention_mask=there)
    before = keras.layers.LayerNormalization()(hidden)
    return hidden + keras.layers.Dense(width)(keras.layers.Dense(2 * width, activation="silu")(before))


class Present(keras.layers.Layer):  # type: ignore[misc, name-defined]
    """Which event may look at which: all at those that are there."""

    def call(self, events: Any) -> Any:
        """Shape (n, m, m), of events of shape (n, m, columns)."""
        there = ops.transpose(events[..., -1:] > 0.5, (0, 2, 1))
        return ops.repeat(there, events.shape[1], axis=1)


class Pooled(keras.layers.Layer):  # type: ignore[misc, name-defined]
    """Mean over the events that are there, and the logarithm of their number."""

    def call(self, inputs: Any) -> Any:
        """Hidden, shape (n, m, h), and events, shape (n, m, columns)."""
        hidden, events = inputs
        present = events[..., -1:]
        number = ops.maximum(ops.sum(present, axis=1), 1.0)
        return ops.sum(hidden * present, axis=1) / number, ops.log(number)
