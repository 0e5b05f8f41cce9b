"""Networks that other groups publish as C++ of hls4ml, run as they are."""

from __future__ import annotations

from l1ml.emulation.published.network import PublishedNetwork

__all__ = ["PublishedNetwork"]
