"""Firefox's registrations of service workers: whole records of a text file."""

from collections import Counter
from dataclasses import dataclass

from loginfix.errors import DamagedFileError
from loginfix.files.exact import write_exactly
from loginfix.files.reading import read_up_to
from loginfix.formats.service_workers import Registration, Registrations, build, parse
from loginfix.sites.forms import FORMS, Names
from loginfix.stores.content import not_proven
from loginfix.stores.declared import PlainStore
from loginfix.stores.model import (
    BackupSink,
    Finding,
    Place,
    Restored,
    SavedStore,
    State,
    Wish,
    Workspace,
)
from loginfix.words import say

_TABLE = "registrations"
_VERSION = "version"
_MAX_FILE = 1 << 28


@dataclass(frozen=True, slots=True)
class ServiceWorkersStore(PlainStore):
    """The file of registrations; every other one stays byte for byte and in its order."""

    def find(self, place: Place, wish: Wish) -> Finding:
        """Say which registrations are the site's; see ``Store.find``."""
        return self._describe(place, _read(place), wish)

    def clear(self, place: Place, wish: Wish, work: Workspace, backup: BackupSink) -> Finding:
        """Stage the file without the site's registrations; see ``Store.clear``."""
        now = _read(place)
        finding = self._describe(place, now, wish)
        if finding.state is State.CLEAN:
            return finding
        backup.note(_VERSION, str(now.version))
        kept = []
        for position, record in enumerate(now.records):
            if wish.site.owns(_names(record)):
                content = b"\n".join(record.lines)
                backup.row(_TABLE, "deleted", {"position": position, "record": content})
            else:
                kept.append(record)
        _stage(place, work, now._replace(records=tuple(kept)))
        return finding

    def restore(
        self, place: Place, saved: SavedStore, work: Workspace, *, overwrite: bool
    ) -> Restored:
        """Stage the file with the saved registrations back in their places; see ``Store.restore``.

        Raises:
            DamagedFileError: Firefox writes them in another way than it did; or as ``find``.
        """
        version = int(saved.notes[_VERSION])
        exists = place.tree.exists(place.rel)
        now = _read(place) if exists else Registrations(version, ())
        if now.version != version:
            raise _left_alone(
                place, say("Firefox has changed its format from {version}", version=version)
            )
        records = list(now.records)
        restored = unchanged = 0
        kept_newer = []
        for position, then in _saved_records(saved):
            key = (then.suffix, then.scope)
            at = next((i for i, each in enumerate(records) if each[:2] == key), None)
            if at is None:
                records.insert(position, then)
                restored += 1
            elif records[at] == then:
                unchanged += 1
            elif overwrite:
                records[at] = then
                restored += 1
            else:
                kept_newer.append(then.scope + then.suffix)
        if restored:
            _stage(place, work, now._replace(records=tuple(records)), exists=exists)
        return Restored(restored=restored, unchanged=unchanged, kept_newer=tuple(kept_newer))

    def _describe(self, place: Place, now: Registrations, wish: Wish) -> Finding:
        found = [each for each in now.records if wish.site.owns(_names(each))]
        hosts = Counter(_names(each).host or "" for each in found)
        return Finding(
            store=self.id,
            title=self.title,
            category=self.category,
            path=place.path,
            state=State.FOUND if found else State.CLEAN,
            items=len(found),
            size=sum(len(line) + 1 for each in found for line in each.lines),
            hosts=dict(sorted(hosts.items())),
            details={"registrations": len(found)} if found else {},
        )


def _names(record: Registration) -> Names:
    scope, attributes = FORMS["url"](record.scope), FORMS["origin_attributes"](record.suffix)
    return Names(scope.host, attributes.partition)


def _read(place: Place) -> Registrations:
    with place.tree.open(place.rel) as file:
        content = read_up_to(file, _MAX_FILE)
    try:
        return parse(content)
    except ValueError as error:
        raise _left_alone(place, str(error)) from error


def _left_alone(place: Place, why: str) -> DamagedFileError:
    return DamagedFileError(
        say("{path} was left alone: {why}.", path=place.path, why=why),
        next_step=say(
            "Start the browser once and close it: it writes this file anew. Then run this again."
        ),
        path=place.path,
    )


def _saved_records(saved: SavedStore) -> list[tuple[int, Registration]]:
    records = []
    for row in saved.rows(_TABLE):
        position, content = row.before["position"], row.before["record"]
        if not (isinstance(position, int) and isinstance(content, bytes)):
            raise TypeError("a saved registration is something else")
        records.append((position, Registration.of(content.split(b"\n"))))
    return sorted(records)


def _stage(
    place: Place, work: Workspace, registrations: Registrations, *, exists: bool = True
) -> None:
    content = build(registrations)
    if parse(content) != registrations:
        raise not_proven(place)
    staged = work.scratch("registrations")
    write_exactly(staged, content)
    if exists:
        work.replace(place.rel, staged)
    else:
        work.create(place.rel, staged)
