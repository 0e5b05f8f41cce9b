"""What an HDF5 file holds. Its bytes may differ where that is the same: LZF begins with whatever is in its memory."""

from __future__ import annotations

from pathlib import Path

import h5py


def contents(path: Path) -> dict[str, tuple[str, bytes]]:
    """Type and bytes of every dataset, and every attribute of the file."""
    with h5py.File(path) as file:
        found = {f"@{name}": ("", str(value).encode()) for name, value in file.attrs.items()}

        def add(name: str, item: object) -> None:
            if isinstance(item, h5py.Dataset):
                found[name] = (str(item.dtype), item[...].tobytes())

        file.visititems(add)
    return found
