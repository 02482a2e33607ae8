"""What a browser holds, as plain records: comparable, and sortable by host."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any, Self
from urllib.parse import urlsplit

Record = dict[str, Any]
_PARTITION_HOST = re.compile(r"https?(?:://|,)([^/,:)]+)")


def host_of(url: str) -> str:
    """Return a URL's host without port; empty where it has none."""
    return urlsplit(url).hostname or ""


def partition_host(partition: str) -> str:
    """Return the host in ``https://a.example`` (Chromium) or ``(https,a.example)`` (Firefox)."""
    found = _PARTITION_HOST.search(partition)
    return found[1] if found else ""


def short_hash(value: str | bytes) -> str:
    """Return what stands for a value that is nobody's business."""
    data = value.encode() if isinstance(value, str) else value
    return hashlib.sha256(data).hexdigest()[:16]


def hosts_of(record: Record) -> tuple[str, ...]:
    """Return a record's own host and, where it has one, the host of its partition."""
    own = str(record["host"]).removeprefix(".")
    partition = partition_host(str(record.get("partition", "")))
    return (own, partition) if partition and partition != own else (own,)


def ordered(records: Iterable[Record]) -> list[Record]:
    """Return records in an order that depends on nothing but themselves."""
    return sorted(records, key=lambda record: json.dumps(record, sort_keys=True))


@dataclass(frozen=True)
class Contents:
    """What a live browser reads from a profile; every record has at least ``host``.

    ``cookies``: host (leading dot: domain cookie), name, path, partition, container, persistent,
    value (hashed). ``history``: url, title, visits. ``icons``: host (the page's), page, icon, and
    for Chromium the hash of its pictures. ``cached``: partition (the top-level page's origin),
    frame (the origin that loads), url; only what came without a request. ``storage``: partition,
    origin, and what each kind of storage holds. ``bookmarks``: url, title, keyword.
    ``downloads``: url. ``logins``: origin, user. ``complaints``: what the browser or SQLite says
    is wrong; the only one whose host may be empty.
    """

    cookies: list[Record]
    history: list[Record]
    icons: list[Record]
    cached: list[Record]
    storage: list[Record]
    bookmarks: list[Record]
    downloads: list[Record]
    logins: list[Record]
    complaints: list[Record]

    def only(self, accept: Callable[[Record], bool]) -> Self:
        """Return the records that are accepted."""
        return type(self)(
            **{
                field.name: [record for record in getattr(self, field.name) if accept(record)]
                for field in fields(self)
            }
        )

    def of_hosts(self, belongs: Callable[[str], bool]) -> Self:
        """Return the records whose host, or whose partition's host, belongs."""
        return self.only(lambda record: any(belongs(host) for host in hosts_of(record)))

    def without_hosts(self, belongs: Callable[[str], bool]) -> Self:
        """Return the records of which neither host nor partition belongs."""
        return self.only(lambda record: not any(belongs(host) for host in hosts_of(record)))

    def count(self) -> int:
        """Return how many records there are."""
        return sum(len(getattr(self, field.name)) for field in fields(self))

    def as_json(self) -> dict[str, list[Record]]:
        """Return plain data."""
        return asdict(self)
