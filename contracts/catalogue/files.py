"""Reading the catalogue's own data files: UTF-8 CSV with one header line, and nothing else."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent


def read_rows(file_name: str, *columns: str) -> Iterator[list[str]]:
    """Give the rows of a data file; a ValueError if its header is not exactly `columns`."""
    with (_FOLDER / file_name).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = tuple(next(rows))
        if header != columns:
            raise ValueError(f"{file_name} has the columns {header}, expected {columns}")
        yield from rows
