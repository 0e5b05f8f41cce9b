"""Jets for offline work: five classes with constituents and features, and gen/reco pairs of Z + jet."""

from __future__ import annotations
