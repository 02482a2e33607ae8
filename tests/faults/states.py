"""What is in a home, for comparing: exactly, but for what is another in every run."""

import hashlib
import re
import stat
from pathlib import Path

from faults.calls import VAULT
from loginfix.formats import mozlz4

State = dict[str, tuple[object, ...]]

# Two counters in a database's header say how often it was written (https://sqlite.org/fileformat.html).
_SQLITE = b"SQLite format 3\0"
# The number of an owner that Firefox gives to what has none.
_OWNERLESS = re.compile(rb"moz-nullprincipal:\{[0-9a-f-]+\}")


def profile_state(home: Path) -> State:
    """Every file, directory and link outside loginfix's own directory.

    Times of directories are left out, as are those of a LevelDB that is written anew.
    """
    anew = {path.parent for path in home.rglob("CURRENT")}
    vault = home / VAULT
    return {
        path.relative_to(home).as_posix(): _facts(path, timed=path.parent not in anew)
        for path in sorted(home.rglob("*"))
        if not path.is_relative_to(vault) and not vault.is_relative_to(path)
    }


def vault_state(home: Path) -> State:
    """Every file and directory of loginfix's own."""
    vault = home / VAULT
    return {
        path.relative_to(vault).as_posix(): _facts(path, timed=True)
        for path in sorted(vault.rglob("*"))
    }


def _facts(path: Path, *, timed: bool) -> tuple[object, ...]:
    status = path.lstat()
    mode = stat.S_IMODE(status.st_mode)
    if path.is_symlink():
        return "link", str(path.readlink())
    if path.is_dir():
        return "directory", mode
    content = path.read_bytes()
    if path.suffix in (".jsonlz4", ".baklz4"):
        content = _OWNERLESS.sub(b"", mozlz4.decode(content))
    if content.startswith(_SQLITE):
        content = content[:24] + content[28:92] + content[96:]
    digest = hashlib.sha256(content).hexdigest()
    return "file", mode, status.st_mtime_ns if timed else 0, digest
