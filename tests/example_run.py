"""A small profile and a transaction that uses every kind of operation."""

import os
from dataclasses import dataclass
from pathlib import Path

from crashing import Snapshot, snapshot
from loginfix.clearing.transaction import Transaction

RUN_ID = "20260102T030405-amazon"
LONG_AGO = 1_500_000_000_000_000_000
CACHE_TIME = 1_600_000_000_123_456_000


@dataclass(frozen=True)
class ExampleRun:
    """``base`` holds ``profile``, ``cache`` and ``journal``."""

    base: Path

    @property
    def profile(self) -> Path:
        return self.base / "profile"

    @property
    def cache(self) -> Path:
        return self.base / "cache"

    @property
    def journal(self) -> Path:
        return self.base / "data" / "journal"

    def build(self) -> None:
        """Write the profile as a browser left it."""
        for name, content in {
            "profile/Cookies": "cookies, half",
            "profile/Cookies-wal": "the other half",
            "profile/Cookies-shm": "index",
            "profile/History": "history",
            "profile/Databases/one/LOG": "log",
            "profile/Databases/one/000001.ldb": "pairs of all sites",
            "cache/Cache/a_0": "amazon",
            "cache/Cache/b_0": "amazon too",
            "cache/Cache/c_0": "another site",
            "cache/Cache/index-dir/the-real-index": "index",
        }.items():
            path = self.base / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
            path.chmod(0o640)
        os.link(self.profile / "History", self.profile / "History-other-name")
        for path in [*self.base.rglob("*")][::-1]:
            os.utime(path, ns=(LONG_AGO, LONG_AGO + len(path.name)))

    def begin(self) -> Transaction:
        """Begin, with nothing recorded yet."""
        return Transaction.begin(self.journal, RUN_ID, purpose="clear", details={"site": "amazon"})

    def stage(self) -> Transaction:
        """Begin and record everything."""
        run = self.begin()
        self.record(run)
        return run

    def record(self, run: Transaction) -> None:
        """Record one of everything."""
        profile, cache = self.profile, self.cache
        with run.unit():
            run.replace(profile, "Cookies", self._staged(run, "settled", "cookies, whole"))
            run.barrier()
            run.remove(profile, "Cookies-wal")
            run.remove(profile, "Cookies-shm")
            run.expect(profile, "Cookies-journal")
            run.barrier()
            run.replace(profile, "Cookies", self._staged(run, "edited", "cookies, edited"))
        run.replace(profile, "History", self._staged(run, "history", "history, edited"))
        with run.unit():
            run.remove(profile, "Databases/one")
            fresh = run.scratch(profile) / "fresh"
            fresh.mkdir()
            (fresh / "000002.ldb").write_text("pairs of other sites")
            os.utime(fresh / "000002.ldb", ns=(LONG_AGO, LONG_AGO))
            run.create(profile, "Databases/one", fresh)
        run.create(profile, "new/deep/file", self._staged(run, "file", "came back"))
        run.set_mtime(profile, "new/deep/file", LONG_AGO)
        run.remove(cache, "Cache/a_0")
        run.remove(cache, "Cache/b_0")
        with run.unit():
            run.remove(cache, "Cache/index-dir/the-real-index")
            run.set_mtime(cache, "Cache", CACHE_TIME)

    def whole(self) -> None:
        """The run from beginning to end."""
        with self.stage() as run:
            run.prepare(backup="the-backup")
            run.commit()
            run.finish()

    def undone(self) -> None:
        """The run until its last moment, and back."""
        with self.stage() as run:
            run.prepare(backup="the-backup")
            run.commit()
            assert run.undo() == ()

    def state(self) -> Snapshot:
        """What the profile is, without loginfix's own directory."""
        return {
            name: facts
            for name, facts in snapshot(self.base).items()
            if not name.startswith("data")
        }

    def journals(self) -> list[str]:
        """The files in the journal directory."""
        return sorted(path.name for path in self.journal.iterdir()) if self.journal.exists() else []

    def _staged(self, run: Transaction, name: str, content: str) -> Path:
        path = run.scratch(self.profile) / name
        path.write_text(content)
        path.chmod(0o600)
        return path


def states(base: Path) -> tuple[Snapshot, Snapshot]:
    """What the example is before and after, found by an undisturbed run."""
    run = ExampleRun(base)
    run.build()
    before = run.state()
    run.whole()
    return before, run.state()
