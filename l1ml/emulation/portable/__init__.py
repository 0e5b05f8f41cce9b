"""A trained network in one file, which gives its score words with numpy and h5py alone."""

from __future__ import annotations

from l1ml.emulation.portable.network import PortableNetwork, read_network

__all__ = ["PortableNetwork", "read_network"]
