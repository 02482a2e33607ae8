"""Taking the site out: stage, back up, commit, verify; see ``docs/explanation/transaction.md``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from loginfix import __version__
from loginfix.browsers.model import Profile
from loginfix.clearing.guard import holding
from loginfix.clearing.known_hosts import KnownHosts
from loginfix.clearing.plan import (
    Plan,
    Request,
    left_alone,
    look,
    open_places,
    with_shared,
)
from loginfix.clearing.proof import prove
from loginfix.clearing.recover import recover_pending
from loginfix.clearing.results import ClearedProfile, ClearResult
from loginfix.clearing.runlock import run_lock
from loginfix.clearing.staged_run import StagedRun, can_go_on
from loginfix.directories import Directories
from loginfix.errors import LoginfixError, Problem, VerificationError
from loginfix.progress import Progress, counted, silent
from loginfix.stores.declared import DeclaredStore
from loginfix.stores.model import Finding, Place, State, Wish
from loginfix.tracing.model import ProfileTrace
from loginfix.vault.directory import Vault
from loginfix.vault.model import Manifest, Owner, ProfileRecord, SiteRecord, StoreRecord
from loginfix.vault.writer import BackupWriter
from loginfix.words import say


def clear(
    plan: Plan,
    directories: Directories,
    *,
    command: str = "clear-cache",
    encrypt_to: Sequence[str] = (),
    progress: Progress = silent,
) -> ClearResult:
    """Take out what the plan found; every profile is looked at again under its lock.

    The backup notes which ``command`` it was made by, and is encrypted to the public keys
    ``encrypt_to``.

    A store that cannot be edited safely is left alone and reported, and the rest goes on. Any
    failure while writing leaves every profile as it was.

    Raises:
        LoginfixError: Nothing was removed, or everything was put back; the class says why.
    """
    wanted = [each.profile for each in plan.profiles if each.found]
    problems = list(plan.all_problems)
    if not wanted:
        return ClearResult(plan, (), problems=tuple(problems))
    with run_lock(directories.data):
        recover_pending(directories)
        with holding(wanted) as (held, running):
            problems += [error.as_problem() for error in running]
            skipped = tuple(profile for profile in wanted if profile not in held)
            hosts = {each.profile.path: each.hosts for each in plan.profiles}
            run = _Run(plan.request, directories, command, tuple(encrypt_to), progress, hosts)
            cleared = run.clear(held) if held else []
    return ClearResult(
        plan,
        tuple(cleared),
        skipped,
        backup_id=run.backup_id if cleared else None,
        backup_path=run.backup_path,
        problems=tuple(dict.fromkeys((*problems, *run.problems))),
        traces=tuple(run.traces),
    )


@dataclass(slots=True)
class _Run:
    """One clearing of the profiles whose locks are held."""

    request: Request
    directories: Directories
    command: str
    encrypt_to: tuple[str, ...]
    progress: Progress
    hosts: dict[Path, frozenset[str]]
    backup_id: str = ""
    backup_path: Path | None = None
    problems: list[Problem] = field(default_factory=list)
    traces: list[ProfileTrace] = field(default_factory=list)
    _left_alone: set[tuple[str, Path]] = field(default_factory=set)

    def clear(self, profiles: list[Profile]) -> list[ClearedProfile]:
        """Do it.

        Raises:
            LoginfixError: Nothing was removed, or everything was put back.
        """
        now = datetime.now(UTC)
        vault = Vault(self.directories.backups)
        self.backup_id = vault.new_id(now, [self.request.site.name])
        with StagedRun(
            self.directories.journal,
            self.backup_id,
            purpose="clear",
            profiles=profiles,
            # Nothing is missing from any profile: nothing may look as if it could come back.
            when_undone=lambda: vault.drop(self.backup_id),
        ) as run:
            with BackupWriter(self.directories.backups, self._manifest(now)) as backup:
                results = [
                    self._stage(profile, run, backup, shared=shared)
                    for profile, shared in with_shared(profiles)
                ]
                cleared = [each for each in results if each.findings]
                if not cleared:
                    return []
                self.backup_path = backup.seal(self.progress)
            self.problems += run.commit(
                backup=self.backup_id,
                verify=lambda: self._verify(profiles),
                progress=self.progress,
            )
        return cleared

    def _manifest(self, now: datetime) -> Manifest:
        site = self.request.site
        return Manifest(
            id=self.backup_id,
            created=now,
            version=__version__,
            command=self.command,
            sites=(SiteRecord(site.name, site.selected_groups),),
            categories=tuple(sorted(self.request.categories)),
            owner=Owner.here(),
            recipients=self.encrypt_to,
        )

    def _stage(
        self, profile: Profile, run: StagedRun, backup: BackupWriter, *, shared: bool
    ) -> ClearedProfile:
        number = backup.add_profile(profile_record(profile))
        findings = []
        known = KnownHosts(self.request.wish, self.hosts[profile.path])
        with open_places(profile, self.request, shared=shared) as places:
            doing = say("Backing up from {profile}", profile=profile.label)
            for declared, place in counted(self.progress, doing, places, len(places)):
                run.watch(place.tree.root)
                wish = known.wish(declared)
                finding = self._stage_store(declared, place, wish, run, backup, number)
                known.add(finding)
                self.problems += finding.problems
                if finding.state is State.LEFT_ALONE:
                    self._left_alone.add((declared.identity.id, place.path))
                if finding.state is State.FOUND:
                    findings.append(finding)
        self.hosts[profile.path] = known.hosts
        return ClearedProfile(profile, tuple(findings))

    def _stage_store(
        self,
        declared: DeclaredStore,
        place: Place,
        wish: Wish,
        run: StagedRun,
        backup: BackupWriter,
        profile: int,
    ) -> Finding:
        record = StoreRecord(*declared.identity, place.root, place.rel_to_root)
        sink = backup.add_store(profile, record)
        try:
            with run.store(place, declared.identity.id, declared.unit) as work:
                finding = declared.store.clear(place, wish, work, sink)
        except LoginfixError as error:
            if not can_go_on(error):
                raise
            sink.discard()
            return left_alone(declared, place, error.as_problem())
        if finding.state is not State.FOUND:
            sink.discard()
        return finding

    def _verify(self, profiles: list[Profile]) -> None:
        """Look again, on the real profiles: as the stores do, then raw, on their own."""
        for profile, shared in with_shared(profiles):
            known = KnownHosts(self.request.wish, self.hosts[profile.path])
            with open_places(profile, self.request, shared=shared) as places:
                doing = say("Checking {profile}", profile=profile.label)
                for declared, place in counted(self.progress, doing, places, len(places)):
                    if (declared.identity.id, place.path) in self._left_alone:
                        continue  # it is as it was, and reported
                    finding = look(declared, place, known.wish(declared))
                    # What was left alone was reported before anything was written.
                    unseen = [each for each in finding.problems if each not in self.problems]
                    if finding.state is State.FOUND or unseen:
                        raise VerificationError(
                            say(
                                "{path} is not as it should be after clearing. Everything was"
                                " put back.",
                                path=place.path,
                            ),
                            next_step=say("Please report this, with the browser's version."),
                            path=place.path,
                        )
            trace, problems = prove(
                profile,
                self.request,
                {path for _, path in self._left_alone},
                shared=shared,
                hosts=self.hosts[profile.path],
                progress=self.progress,
            )
            self.traces.append(trace)
            self.problems += problems


def profile_record(profile: Profile) -> ProfileRecord:
    """What a backup keeps of a profile, to find it again."""
    return ProfileRecord(
        brand=profile.brand,
        brand_name=profile.brand_name,
        engine=profile.engine,
        directory=profile.directory,
        name=profile.name,
        path=str(profile.path),
        cache_path=str(profile.cache_path),
        user_data=str(profile.user_data),
    )
