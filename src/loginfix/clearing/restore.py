"""Putting back what a backup holds, also into profiles that were used since."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from loginfix.browsers.model import Profile
from loginfix.clearing.guard import holding
from loginfix.clearing.plan import open_tree, root_path
from loginfix.clearing.recover import recover_pending
from loginfix.clearing.results import RestoredProfile, RestoredStore, RestoreResult
from loginfix.clearing.runlock import run_lock
from loginfix.clearing.staged_run import StagedRun, can_go_on
from loginfix.directories import Directories
from loginfix.errors import LoginfixError, NotUnderstoodError, Problem
from loginfix.files.tree import Tree
from loginfix.progress import Progress, counted, silent
from loginfix.stores.catalog import declared_stores
from loginfix.stores.declared import DeclaredStore
from loginfix.stores.model import Category, Place, Restored
from loginfix.vault.admission import open_to_restore
from loginfix.vault.cover import Decrypting
from loginfix.vault.directory import Vault
from loginfix.vault.model import ProfileRecord, StoreSummary
from loginfix.vault.reader import Backup
from loginfix.words import say


def restore(
    backup_id: str | None,
    directories: Directories,
    profiles: Sequence[Profile],
    *,
    categories: frozenset[Category] = frozenset(Category),
    overwrite: bool = False,
    dry_run: bool = False,
    keys: Decrypting | None = None,
    from_elsewhere: bool = False,
    progress: Progress = silent,
) -> RestoreResult:
    """Merge a backup (the latest by default) into the profiles it was taken from.

    The backup is verified whole before the first write. A dry run stages everything and then
    throws it away, so that it tells exactly what would happen. An encrypted backup needs its
    ``keys``; one that another user or another computer made is refused unless ``from_elsewhere``.

    Raises:
        LoginfixError: Nothing was restored, or everything was put back; the class says why.
    """
    with run_lock(directories.data):
        recover_pending(directories)
        vault = Vault(directories.backups)
        path = vault.path(vault.get(backup_id).id)
        with open_to_restore(path, keys, from_elsewhere=from_elsewhere) as backup:
            warnings = backup.verify(progress)
            targets, missing = _targets(backup, profiles)
            with holding([profile for profile, _ in targets.values()]) as (held, running):
                run = _Run(backup, directories, categories, overwrite=overwrite, progress=progress)
                restored = run.restore(
                    {key: pair for key, pair in targets.items() if pair[0] in held},
                    dry_run=dry_run,
                )
            return RestoreResult(
                backup_id=backup.manifest.id,
                profiles=tuple(restored),
                dry_run=dry_run,
                skipped=tuple(p.label for p, _ in targets.values() if p not in held),
                problems=(
                    *warnings,
                    *missing,
                    *(error.as_problem() for error in running),
                    *run.problems,
                ),
            )


def _targets(
    backup: Backup, profiles: Sequence[Profile]
) -> tuple[dict[int, tuple[Profile, ProfileRecord]], list[Problem]]:
    """The installed profile for each one in the backup: the same place, else the same name."""
    targets = {}
    problems = []
    for key, record in backup.profiles.items():
        same_place = [p for p in profiles if str(p.path) == record.path]
        same_name = [
            p for p in profiles if (p.brand, p.directory) == (record.brand, record.directory)
        ]
        found = same_place or same_name
        if found:
            targets[key] = (found[0], record)
        else:
            problems.append(
                Problem(
                    "profile-missing",
                    say(
                        "{brand_name} ({name}) at {path} is not there any more.",
                        brand_name=record.brand_name,
                        name=record.name,
                        path=record.path,
                    ),
                    say("Name the folder with --profile-dir if it was moved."),
                    Path(record.path),
                )
            )
    return targets, problems


@dataclass(slots=True)
class _Run:
    """One restoring into the profiles whose locks are held."""

    backup: Backup
    directories: Directories
    categories: frozenset[Category]
    progress: Progress
    overwrite: bool
    problems: list[Problem] = field(default_factory=list)

    def restore(
        self, targets: Mapping[int, tuple[Profile, ProfileRecord]], *, dry_run: bool
    ) -> list[RestoredProfile]:
        """Do it, or all but the commit.

        Raises:
            LoginfixError: Nothing was restored, or everything was put back.
        """
        run_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-restore"
        profiles = [profile for profile, _ in targets.values()]
        with StagedRun(
            self.directories.journal, run_id, purpose="restore", profiles=profiles
        ) as run:
            results = [
                self._stage(profile, run, [s for s in self.backup.stores if s.profile == key])
                for key, (profile, _) in targets.items()
            ]
            changed = any(
                store.outcome.restored or store.outcome.merged
                for result in results
                for store in result.stores
            )
            if changed and not dry_run:
                self.problems += run.commit(backup=self.backup.manifest.id, progress=self.progress)
        return results

    def _stage(
        self, profile: Profile, run: StagedRun, stores: Sequence[StoreSummary]
    ) -> RestoredProfile:
        known = {declared.identity.id: declared for declared in declared_stores(profile.engine)}
        results = []
        with ExitStack() as stack:
            trees: dict[Path, Tree] = {}
            # The other way round: of two stores in one file, the one that was cleared last has seen
            # the file as it is now.
            doing = say("Comparing {profile} with the backup", profile=profile.label)
            for summary in counted(self.progress, doing, reversed(stores), len(stores)):
                record = summary.record
                if Category(record.category) not in self.categories:
                    continue
                path, rel, below = root_path(profile, record.root, record.rel)
                if path not in trees:
                    trees[path] = stack.enter_context(open_tree(profile, path))
                    run.watch(path)
                place = Place(trees[path], record.root, rel, below)
                outcome = self._stage_store(known.get(record.store), place, run, summary)
                self.problems += outcome.problems
                results.append(RestoredStore(record.title, record.category, place.path, outcome))
        return RestoredProfile(profile.label, profile.path, tuple(reversed(results)))

    def _stage_store(
        self, declared: DeclaredStore | None, place: Place, run: StagedRun, summary: StoreSummary
    ) -> Restored:
        try:
            if declared is None:
                raise _unknown_store(place, summary)
            with run.store(place, declared.identity.id, declared.unit) as work:
                return declared.store.restore(
                    place, self.backup.saved(summary.key), work, overwrite=self.overwrite
                )
        except LoginfixError as error:
            if not can_go_on(error):
                raise
            return Restored(problems=(error.as_problem(),))


def _unknown_store(place: Place, summary: StoreSummary) -> NotUnderstoodError:
    return NotUnderstoodError(
        say(
            "{title} ({store}) cannot be put back: this version does not"
            " know that kind of data for this browser.",
            title=say(summary.record.title),
            store=summary.record.store,
        ),
        next_step=say("Update loginfix and restore again; the backup keeps it."),
        path=place.path,
    )
