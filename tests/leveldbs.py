"""LevelDB databases that are not on a disk, of any shape."""

import io
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from loginfix.formats.leveldb import BYTEWISE, Version
from loginfix.formats.leveldb.batches import build_batches
from loginfix.formats.leveldb.database import Open
from loginfix.formats.leveldb.log import build_log
from loginfix.formats.leveldb.manifest import Manifest, TableFile, build_manifest
from loginfix.formats.leveldb.table import build_table


def opener(files: Mapping[str, bytes]) -> Open:
    """Opens the files of a database by their names."""

    def opened(name: str) -> BinaryIO:
        return io.BytesIO(files[name])

    return opened


def database_of(
    tables: Sequence[Sequence[Version]],
    logged: Sequence[Version] = (),
    comparator: str = BYTEWISE,
) -> dict[str, bytes]:
    """The files of a database with these tables, each in order, and these changes in its log."""
    files = {}
    places = []
    for number, versions in enumerate(tables, 10):
        data, smallest, largest = build_table(versions)
        files[f"{number:06}.ldb"] = data
        places.append(TableFile(number % 7, number, len(data), smallest, largest))
    manifest = Manifest(
        comparator=comparator,
        log_number=8,
        next_file_number=len(tables) + 20,
        last_sequence=max([0, *(each.sequence for table in tables for each in table)]),
        tables=tuple(places),
    )
    batches = (batch for version in logged for batch in build_batches([version]))
    return {
        **files,
        "000008.log": build_log(batches),
        "MANIFEST-000009": build_manifest(manifest),
        "CURRENT": b"MANIFEST-000009\n",
    }
