"""LevelDB: read a database as LevelDB would, write a fresh one of its live pairs.

Knows bytes only: files are opened by a function of the caller's, and go out as pairs of name and
content, a database never being in memory whole. Imports nothing of ours; the formats are described
in ``docs/reference/leveldb.md``.
"""

from loginfix.formats.leveldb.database import Database, read_database
from loginfix.formats.leveldb.model import BYTEWISE, LevelDBError, Version
from loginfix.formats.leveldb.writing import build

__all__ = ["BYTEWISE", "Database", "LevelDBError", "Version", "build", "read_database"]
