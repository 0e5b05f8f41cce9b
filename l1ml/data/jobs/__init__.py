"""Work in jobs that each leave one file: on processes of this machine or on a Dask cluster, redone where a worker dies."""

from __future__ import annotations
