"""The Level-1 trigger, parametrised: particles to towers and candidates, and the algorithms that make its objects."""

from __future__ import annotations
