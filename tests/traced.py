"""A made-up profile to search, and what a search of it found."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from loginfix.browsers.model import Engine, Profile
from loginfix.sites.catalog import load_catalog
from loginfix.sites.site import Entry, Site
from loginfix.tracing.model import Hit, ProfileTrace, Verdict
from loginfix.tracing.scope import EVERYTHING, Scope
from loginfix.tracing.search import trace_profile

AMAZON = load_catalog().resolve("amazon")


def site_of(*domains: str) -> Site:
    return Site.of("site", "Site", [Entry(each, "all") for each in domains], ["all"])


@dataclass(frozen=True)
class Made:
    """A profile of either engine in an empty directory."""

    home: Path
    engine: Engine = Engine.CHROMIUM

    @property
    def profile(self) -> Profile:
        return Profile(
            brand=str(self.engine),
            brand_name="Made up",
            engine=self.engine,
            packaging="native",
            name="One",
            directory="Default",
            path=self.home / "data" / "Default",
            cache_path=self.home / "cache" / "Default",
            user_data=self.home / "data",
        )

    def put(self, path: str, content: bytes) -> Path:
        target = self.profile.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        return target

    def database(self, path: str, *statements: str, page_size: int = 4096) -> Path:
        target = self.put(path, b"")
        with closing(sqlite3.connect(target)) as database, database:
            database.execute(f"PRAGMA page_size = {page_size}")
            database.execute("PRAGMA secure_delete = OFF")
            for statement in statements:
                database.execute(statement)
        return target

    def trace(
        self,
        site: Site = AMAZON,
        *,
        scope: Scope = EVERYTHING,
        keep_cookies: Iterable[str] = (),
        candidates: Iterable[str] = (),
    ) -> ProfileTrace:
        self.profile.path.mkdir(parents=True, exist_ok=True)
        return trace_profile(
            self.profile,
            site,
            scope=scope,
            keep_cookies=frozenset(keep_cookies),
            candidates=candidates,
        )


def hits(trace: ProfileTrace, verdict: Verdict = Verdict.LEFTOVER) -> list[Hit]:
    return [hit for file in trace.of(verdict) for hit in file.tallies[verdict].hits]


def verdicts(trace: ProfileTrace) -> dict[str, set[Verdict]]:
    return {file.path.name: set(file.tallies) for file in trace.files}
