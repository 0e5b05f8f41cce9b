from __future__ import annotations

from collections.abc import Iterator

import pytest
from dask_toy import Cluster


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    made = Cluster()
    yield made
    made.close()
