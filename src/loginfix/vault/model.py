"""The words of this package: manifest, profile record, store record, summary."""

import getpass
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from loginfix.errors import Problem
from loginfix.stores.model import Root
from loginfix.vault.errors import ContentError
from loginfix.vault.machine import machine_id
from loginfix.vault.values import to_json
from loginfix.words import say


@dataclass(frozen=True, slots=True)
class SiteRecord:
    """A site that was cleared, and which groups of its domains."""

    name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose profiles a backup is of.

    ``uid`` is None on Windows; ``machine_id`` tells computers of the same name apart, see
    ``machine``, and is empty in a backup made before there was one.
    """

    machine: str
    user: str
    uid: int | None
    machine_id: str = ""

    @classmethod
    def here(cls) -> "Owner":
        """The machine and the user that this process runs as."""
        uid = os.getuid() if hasattr(os, "getuid") else None
        try:
            user = getpass.getuser()
        except (OSError, KeyError, ImportError):
            # A uid without an account, as in a container.
            user = ""
        return cls(platform.node(), user, uid, machine_id())

    def same_machine(self, other: "Owner") -> bool:
        """Whether both are of one computer: by its number, or by its name where one has none."""
        if self.machine_id and other.machine_id:
            return self.machine_id == other.machine_id
        return self.machine == other.machine

    def same_user(self, other: "Owner") -> bool:
        """Whether both are one user: by the number, or by name where there are no numbers."""
        if self.uid is None or other.uid is None:
            return self.user == other.user
        return self.uid == other.uid


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself; ``version`` is loginfix's, ``created`` has a time zone.

    ``recipients`` are the public keys it is encrypted to; none where it is not.
    """

    id: str
    created: datetime
    version: str
    command: str
    sites: tuple[SiteRecord, ...]
    categories: tuple[str, ...]
    owner: Owner
    recipients: tuple[str, ...] = ()

    def entries(self) -> dict[str, str]:
        """The manifest as it is stored: lists as JSON, the time in UTC (ISO 8601)."""
        entries = {
            "id": self.id,
            "created": self.created.astimezone(UTC).isoformat(),
            "loginfix": self.version,
            "command": self.command,
            "sites": to_json([asdict(site) for site in self.sites]),
            "categories": to_json(self.categories),
            "machine": self.owner.machine,
            "user": self.owner.user,
            "uid": "" if self.owner.uid is None else str(self.owner.uid),
            "machine_id": self.owner.machine_id,
        }
        if self.recipients:
            entries["recipients"] = to_json(self.recipients)
        return entries

    @classmethod
    def from_entries(cls, entries: Mapping[str, str]) -> "Manifest":
        """Read what ``entries`` gave.

        Raises:
            ContentError: An entry is missing or is something else.
        """
        try:
            return cls(
                id=entries["id"],
                created=datetime.fromisoformat(entries["created"]).astimezone(UTC),
                version=entries["loginfix"],
                command=entries["command"],
                sites=tuple(
                    SiteRecord(str(site["name"]), tuple(map(str, site["groups"])))
                    for site in json.loads(entries["sites"])
                ),
                categories=tuple(map(str, json.loads(entries["categories"]))),
                owner=Owner(
                    entries["machine"],
                    entries["user"],
                    int(entries["uid"]) if entries["uid"] else None,
                    entries.get("machine_id", ""),
                ),
                recipients=tuple(map(str, json.loads(entries.get("recipients", "[]")))),
            )
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
            raise ContentError(
                say("its manifest cannot be understood ({error})", error=error)
            ) from error


@dataclass(frozen=True, slots=True)
class ProfileRecord:
    """The profile that something was taken from. Paths are text: they may be another system's."""

    brand: str
    brand_name: str
    engine: str
    directory: str
    name: str
    path: str
    cache_path: str
    user_data: str


@dataclass(frozen=True, slots=True)
class StoreRecord:
    """The store that something was taken from, such as ``chromium.cookies``.

    ``rel`` is relative to the directory that ``root`` says: the profile's, its cache's, or the one
    that profiles share.
    """

    store: str
    title: str
    category: str
    root: Root
    rel: str


@dataclass(frozen=True, slots=True)
class StoreSummary:
    """What a backup holds of one store.

    ``key`` and ``profile`` are numbers within the backup, ``rows`` counts by table, ``size`` is
    the bytes in ``files`` files.
    """

    key: int
    profile: int
    record: StoreRecord
    rows: Mapping[str, int]
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """A backup in a list: with its manifest or, if it cannot be read, the problem.

    ``created`` is from the manifest, else from the id, else the file's; ``size`` is in bytes.
    """

    id: str
    created: datetime
    size: int
    manifest: Manifest | None = None
    problem: Problem | None = None
