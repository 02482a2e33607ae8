"""Results as plain data, for JSON: the ``data`` of each command's envelope.

Keys are never renamed or removed within a schema version; ``docs/reference/json-schema.json``
pins them. Text stands as it is on disk, for programs to use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from loginfix.tracing.model import Verdict
from loginfix.words import say

if TYPE_CHECKING:  # only for the names: every run needs this module
    from loginfix.api.backup_results import (
        BackupChecks,
        BackupDeletion,
        BackupDetails,
        BackupList,
        NewKey,
        Pruning,
    )
    from loginfix.api.results import (
        BrowserList,
        Clearing,
        Consultation,
        DryRun,
        SiteList,
        TracedProfile,
        Tracing,
    )
    from loginfix.browsers.in_use import Running
    from loginfix.browsers.model import Profile
    from loginfix.clearing.plan import Plan, ProfilePlan
    from loginfix.clearing.recover import RecoverResult
    from loginfix.clearing.results import ClearedProfile, RestoredStore, RestoreResult
    from loginfix.demo.run import Demo
    from loginfix.doctor.model import Observation
    from loginfix.errors import Problem
    from loginfix.sites.known_site import KnownSite
    from loginfix.sites.site import Site
    from loginfix.stores.model import Finding, Item
    from loginfix.tracing.model import ProfileTrace, TracedFile
    from loginfix.vault.model import BackupSummary, Manifest, StoreSummary

Data = dict[str, Any]


def problem(it: Problem) -> Data:
    """A problem or an error."""
    return {
        "code": it.code,
        "message": it.message,
        "next_step": it.next_step,
        "path": None if it.path is None else str(it.path),
    }


def browsers(it: BrowserList) -> Data:
    """The data of ``browsers``; sizes in bytes."""
    return {
        "profiles": [
            {**_profile(each.profile), "size": each.size, "running": _running(each.running)}
            for each in it.profiles
        ]
    }


def sites(it: SiteList) -> Data:
    """The data of ``sites``."""
    return {"sites": [_known_site(each) for each in it.sites]}


def dry_run(it: DryRun) -> Data:
    """The data of ``clear-cache --dry-run``: that of a real run, with nothing cleared."""
    return {
        **_plan(it.plan),
        "dry_run": True,
        "cleared": [],
        "skipped": [],
        "backup": None,
        "traces": [],
    }


def clearing(it: Clearing) -> Data:
    """The data of ``clear-cache``; sizes in bytes."""
    result = it.result
    backup = result.backup_id and {
        "id": result.backup_id,
        "path": str(result.backup_path),
        "restore_command": it.restore_command,
        "kept_until": "deleted",
        "delete_command": it.delete_command,
        "encrypted_to": list(it.encrypted_to),
    }
    return {
        **_plan(result.plan),
        "dry_run": False,
        "cleared": [_cleared(each) for each in result.cleared],
        "skipped": [str(profile.path) for profile in result.skipped],
        "backup": backup or None,
        "traces": [_proof(each) for each in result.traces],
    }


def tracing(it: Tracing) -> Data:
    """The data of ``trace``; sizes in bytes."""
    return {
        "site": _site(it.site),
        "leftovers": it.leftovers,
        "profiles": [_traced(each) for each in it.profiles],
    }


def restoring(it: RestoreResult) -> Data:
    """The data of ``restore``; numbers count rows and files."""
    return {
        "dry_run": it.dry_run,
        "backup_id": it.backup_id,
        "changed": it.changed,
        "profiles": [
            {
                "label": profile.label,
                "path": str(profile.path),
                "stores": [_restored(each) for each in profile.stores],
            }
            for profile in it.profiles
        ],
        "skipped": list(it.skipped),
    }


def backup_list(it: BackupList) -> Data:
    """The data of ``backups list``."""
    return {"directory": str(it.directory), "backups": [_backup(each) for each in it.backups]}


def backup_details(it: BackupDetails) -> Data:
    """The data of ``backups show``."""
    return {
        "path": str(it.path),
        "size": it.size,
        **_manifest(it.manifest),
        "profiles": [
            {
                "browser": each.record.brand_name,
                "brand": each.record.brand,
                "engine": each.record.engine,
                "name": each.record.name,
                "directory": each.record.directory,
                "path": each.record.path,
                "stores": [_backed_up(store) for store in each.stores],
            }
            for each in it.profiles
        ],
    }


def backup_checks(it: BackupChecks) -> Data:
    """The data of ``backups verify``."""
    return {
        "backups": [
            {
                "id": each.id,
                "path": str(each.path),
                "intact": each.failure is None,
                "problems": _problems(
                    [each.failure, *each.warnings] if each.failure else each.warnings
                ),
            }
            for each in it.checks
        ]
    }


def new_key(it: NewKey) -> Data:
    """The data of ``backups key``."""
    return {"file": str(it.file), "public_key": it.public}


def backup_deletion(it: BackupDeletion) -> Data:
    """The data of ``backups delete``."""
    return {"deleted": it.backup.id if it.done else None, "backup": _backup(it.backup)}


def pruning(it: Pruning) -> Data:
    """The data of ``backups prune``."""
    return {
        "dry_run": not it.done,
        "going": [{**_backup(v.backup), "reason": v.reason} for v in it.plan.going],
        "staying": [{**_backup(v.backup), "reason": v.reason} for v in it.plan.staying],
    }


def recovering(it: RecoverResult) -> Data:
    """The data of ``recover``."""
    return {
        "runs": [
            {
                "id": each.run_id,
                "purpose": each.purpose,
                "action": each.action,
                "backup": each.backup,
                "roots": [str(path) for path in each.roots],
                "conflicts": _problems(each.conflicts),
                "kept": [str(path) for path in each.kept],
                "problem": problem(each.problem) if each.problem else None,
            }
            for each in it.outcomes
        ],
        "unlocked": [str(profile.user_data) for profile in it.unlocked],
    }


def demo(it: Demo) -> Data:
    """The data of ``demo``: each step as the command it stands for would give it."""
    return {
        "before": _plan(it.before),
        "cleared": [_cleared(each) for each in it.cleared.cleared],
        "after": _plan(it.after),
        "restored": restoring(it.restored),
        "is_cleared": it.is_cleared,
        "is_restored": it.is_restored,
    }


def consultation(it: Consultation) -> Data:
    """The data of ``doctor``."""
    diagnosis = it.diagnosis
    examination = diagnosis.examination
    return {
        "site": {"name": examination.site.name, "title": examination.site.title},
        "findings": [_observation(each) for each in diagnosis.findings],
        "next_step": {"sentence": diagnosis.remedy.sentence, "command": it.command},
        "not_visible": [str(cause) for cause in diagnosis.unseen],
        "help": diagnosis.help,
        "checks": [_observation(each) for each in examination.observations],
    }


def _observation(it: Observation) -> Data:
    remedy = it.answer.remedy
    return {
        "check": it.check,
        "title": it.title,
        "profile": it.profile,
        "verdict": str(it.answer.verdict),
        "cause": str(it.cause),
        "confidence": it.confidence.name.lower(),
        "sentence": it.answer.sentence,
        "evidence": list(it.answer.evidence),
        "remedy": remedy.sentence if remedy else None,
    }


def _problems(those: Iterable[Problem]) -> list[Data]:
    return [problem(each) for each in those]


def _profile(it: Profile) -> Data:
    return {
        "id": it.id,
        "brand": it.brand,
        "browser": it.brand_name,
        "engine": it.engine,
        "packaging": it.packaging,
        "channel": it.channel,
        "name": it.name,
        "directory": it.directory,
        "path": str(it.path),
        "cache_path": str(it.cache_path),
        "user_data": str(it.user_data),
    }


def _running(it: Running | None) -> Data | None:
    if it is None:
        return None
    return {
        "pid": it.pid,
        "process": it.process,
        "by_loginfix": it.by_loginfix,
        "elsewhere": it.elsewhere,
    }


def _known_site(it: KnownSite) -> Data:
    return {
        "name": it.name,
        "title": it.called,
        "groups": [
            {
                "name": group.key,
                "title": group.called,
                "default": group.default,
                "domains": list(group.domains),
                "hosts": list(group.hosts),
                "public_suffixes": list(group.public_suffixes),
            }
            for group in it.groups
        ],
        "never_by_suffix": list(it.never_by_suffix),
    }


def _site(it: Site) -> Data:
    return {
        "name": it.name,
        "title": it.title,
        "groups": list(it.selected_groups),
        "left_out": list(it.excluded_groups),
    }


def _traced(it: TracedProfile) -> Data:
    trace = it.trace
    return {
        **_profile(trace.profile),
        "running": _running(it.running),
        **_trace_counts(trace),
        "files": [_traced_file(each) for each in trace.files],
        "problems": _problems(trace.problems),
    }


def _trace_counts(it: ProfileTrace) -> Data:
    return {
        "searched": it.searched,
        "size": it.size,
        "seconds": round(it.seconds, 3),
        "counts": {verdict: it.count(verdict) for verdict in Verdict},
    }


def _proof(it: ProfileTrace) -> Data:
    """What the search after a clear came to; of the files only those with something left."""
    return {
        "id": it.profile.id,
        "path": str(it.profile.path),
        **_trace_counts(it),
        "files": [_traced_file(each) for each in it.leftovers],
        "problems": _problems(it.problems),
    }


def _traced_file(it: TracedFile) -> Data:
    return {
        "path": str(it.path),
        "store": it.store,
        "verdicts": {
            verdict: {
                "count": tally.count,
                "hosts": sorted(tally.hosts),
                "places": [
                    {
                        "offset": hit.offset,
                        "host": hit.host,
                        "encoding": hit.encoding,
                        "inside": hit.inside,
                    }
                    for hit in tally.hits
                ],
            }
            for verdict, tally in it.tallies.items()
        },
    }


def _plan(it: Plan) -> Data:
    request = it.request
    found = [finding for profile in it.profiles for finding in profile.found]
    return {
        "site": _site(request.site),
        "categories": sorted(request.categories),
        "keep_cookies": sorted(request.keep_cookies),
        "profiles": [_planned(each) for each in it.profiles],
        "found": {
            "items": sum(each.items for each in found),
            "size": sum(each.size for each in found),
        },
    }


def _planned(it: ProfilePlan) -> Data:
    return {
        **_profile(it.profile),
        "running": _running(it.running),
        "stores": [_finding(each) for each in it.findings],
        "problems": _problems(it.problems),
    }


def _cleared(it: ClearedProfile) -> Data:
    return {
        "id": it.profile.id,
        "path": str(it.profile.path),
        "items": it.items,
        "size": it.size,
        "stores": [_finding(each) for each in it.findings],
    }


def _finding(it: Finding) -> Data:
    return {
        "store": it.store,
        "title": say(it.title),
        "category": it.category,
        "path": str(it.path),
        "state": it.state,
        "items": it.items,
        "size": it.size,
        "hosts": _counts(it.hosts),
        "details": _counts(it.details),
        "used": it.used
        and {
            "oldest": it.used.oldest.isoformat(),
            "newest": it.used.newest.isoformat(),
        },
        "listing": [_item(each) for each in it.listing],
        "problems": _problems(it.problems),
    }


def _item(it: Item) -> Data:
    return {
        "name": it.name,
        "host": it.host,
        "size": it.size,
        "used": it.used and it.used.isoformat(),
    }


def _restored(it: RestoredStore) -> Data:
    return {
        "title": say(it.title),
        "category": str(it.category),
        "path": str(it.path),
        "restored": it.outcome.restored,
        "merged": it.outcome.merged,
        "unchanged": it.outcome.unchanged,
        "kept_newer": list(it.outcome.kept_newer),
    }


def _backup(it: BackupSummary) -> Data:
    return {
        "id": it.id,
        "created": it.created.isoformat(),
        "size": it.size,
        "sites": [site.name for site in it.manifest.sites] if it.manifest else [],
        "categories": sorted(it.manifest.categories) if it.manifest else [],
        "encrypted": bool(it.manifest and it.manifest.recipients),
        "problem": problem(it.problem) if it.problem else None,
    }


def _manifest(it: Manifest) -> Data:
    return {
        "id": it.id,
        "created": it.created.isoformat(),
        "loginfix": it.version,
        "command": it.command,
        "sites": [{"name": site.name, "groups": list(site.groups)} for site in it.sites],
        "categories": sorted(it.categories),
        "machine": it.owner.machine,
        "user": it.owner.user,
        "encrypted_to": list(it.recipients),
    }


def _backed_up(it: StoreSummary) -> Data:
    return {
        "store": it.record.store,
        "title": say(it.record.title),
        "category": it.record.category,
        "path": it.record.rel,
        "rows": _counts(it.rows),
        "files": it.files,
        "size": it.size,
    }


def _counts(it: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(it.items()))
