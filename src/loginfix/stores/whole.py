"""A file or directory that goes whole, because the browser makes it anew."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from types import MappingProxyType
from typing import Any, Self

from loginfix.errors import DamagedFileError
from loginfix.formats import mozlz4, ssl_tokens
from loginfix.sites.mentions import is_mentioned
from loginfix.stores.declared import refuse_unknown
from loginfix.stores.model import (
    BackupSink,
    Category,
    Finding,
    Identity,
    Place,
    Restored,
    SavedFile,
    SavedStore,
    State,
    Wish,
    Workspace,
)
from loginfix.stores.times import when_written
from loginfix.words import say

_MAX_ENCODED = 64 << 20

Decoder = Callable[[bytes], bytes]
"""Makes a file's content readable; raises ``ValueError`` where it cannot."""


def _unpacked(content: bytes) -> bytes:
    """Packed files lie beside plain ones."""
    return mozlz4.decode(content) if content.startswith(mozlz4.MAGIC) else content


DECODERS: Mapping[str, Decoder] = MappingProxyType(
    {"mozlz4": _unpacked, "ssl-tokens": ssl_tokens.decode}
)


@dataclass(frozen=True, slots=True)
class WholeStore:
    """What cannot be taken apart by site and is disposable; it goes when it mentions the site.

    ``place.rel`` is a file, or a directory whose files stand or fall together. One of
    ``fingerprints`` mentions nobody: it goes when other stores of the profile name the site. A
    ``decoder`` makes readable what would otherwise not show whom it names.
    """

    id: str
    title: str
    category: Category
    fingerprints: bool = False
    decoder: Decoder | None = None

    @classmethod
    def declared(cls, identity: Identity, data: Mapping[str, Any]) -> Self:
        """Make the store that a declaration describes.

        Raises:
            ValueError: The declaration is wrong; the text says how.
        """
        refuse_unknown(data, ("fingerprints", "decoder"))
        name = data.get("decoder")
        if name is not None and name not in DECODERS:
            raise ValueError(f"unknown decoder {name!r}")
        decoder = DECODERS[name] if name else None
        return cls(*identity, bool(data.get("fingerprints")), decoder)

    def find(self, place: Place, wish: Wish) -> Finding:
        """Say whether the site is mentioned; see ``Store.find``."""
        files = list(_files(place))
        if self.fingerprints:
            found = bool(wish.hosts)
        else:
            found = any(self._mentions(place, rel, wish) for rel in files)
        statuses = [place.tree.stat(rel) for rel in files] if found else []
        return Finding(
            store=self.id,
            title=self.title,
            category=self.category,
            path=place.path,
            state=State.FOUND if found else State.CLEAN,
            items=1 if found else 0,
            size=sum(status.st_size for status in statuses),
            details={"files": len(files)} if found else {},
            used=when_written(statuses),
        )

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage the removal; see ``Store.clear``."""
        finding = self.find(place, wish)
        if finding.state is State.FOUND:
            for rel in _files(place):
                status = place.tree.stat(rel)
                mode, mtime = status.st_mode & 0o7777, status.st_mtime_ns
                with place.tree.open(rel) as source:
                    backup.file(rel, source, mode=mode, mtime_ns=mtime)
            work.remove(place.rel)
        return finding

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage what was removed, unless the browser has made it anew; see ``Store.restore``.

        Parts of two states would not fit together: if anything is there, it stays as it is.
        """
        files = list(saved.files())
        present = list(_files(place)) if place.tree.exists(place.rel) else []
        if all(file.rel in present and _is_same(place, file) for file in files):
            return Restored(unchanged=len(files))
        if present and not overwrite:
            return Restored(kept_newer=(place.rel,))
        if present:
            work.remove(place.rel)
        staged = work.scratch("whole")
        for file in files:
            # The directory comes back as one, so that nobody ever sees a part of it.
            target = staged / file.rel.removeprefix(place.rel).lstrip("/")
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            saved.write_file(file, target)
        work.create(place.rel, staged)
        return Restored(restored=len(files))

    def _mentions(self, place: Place, rel: str, wish: Wish) -> bool:
        with place.tree.open(rel) as file:
            if is_mentioned(file, wish.site):
                return True
            if self.decoder is None:
                return False
            file.seek(0)
            try:
                content = self.decoder(file.read(_MAX_ENCODED))
            except ValueError as error:
                raise DamagedFileError(
                    say("{path} was left alone: {error}.", path=place.path, error=error),
                    next_step=say("Delete the file while the browser is closed: it is made anew."),
                    path=place.path,
                ) from error
            return is_mentioned(BytesIO(content), wish.site)


def _files(place: Place) -> Iterator[str]:
    for entry in place.tree.list(place.rel.rpartition("/")[0]):
        if entry.path == place.rel and entry.is_dir():
            yield from (rel for rel, _ in place.tree.walk(place.rel))
            return
    yield place.rel


def _is_same(place: Place, file: SavedFile) -> bool:
    digest = hashlib.sha256()
    with place.tree.open(file.rel) as source:
        while block := source.read(1 << 20):
            digest.update(block)
    return digest.hexdigest() == file.sha256
