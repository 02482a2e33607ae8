"""The document of ``clear-cache``: what would go, or what went and the proof of it."""

from loginfix.api.results import Clearing, DryRun
from loginfix.clearing.plan import Plan
from loginfix.reports.clear_sentences import backup_planned, open_browsers, proof, what_stays
from loginfix.reports.document import (
    Column,
    Command,
    Document,
    Kind,
    Note,
    Part,
    Points,
    Table,
    Tone,
    sections,
)
from loginfix.reports.document_findings import Found
from loginfix.reports.document_parts import left_alone, traced_files
from loginfix.reports.sizes import human_size, human_time
from loginfix.tracing.model import Verdict
from loginfix.words import say


def dry_run(it: DryRun) -> Document:
    """What would be removed, what stays, and where the backup would go."""
    plan, site = it.plan, it.plan.request.site.title
    found = _found(plan)
    if plan.is_empty:
        summary = Note(say("Nothing of {site} was found. Nothing was changed.", site=site))
    else:
        summary = Note(
            say(
                "{amount} of {site} would be removed from {where}. Nothing has been changed yet.",
                amount=found.amount,
                site=site,
                where=found.where,
            )
        )
    return Document(
        say("{site}: what would be removed", site=site),
        summary,
        _facts(found, plan),
        sections(
            *_about(found, say("What would be removed")),
            (
                say("What stays, and why"),
                (
                    Points((*open_browsers(plan), *what_stays(plan.request))),
                    left_alone(it.problems),
                ),
            ),
            (say("The backup"), (Note(backup_planned(it)),) if found.profiles else ()),
            (say("Every item"), (found.every_item(),) if found.items else ()),
        ),
        found.listing(),
    )


def clearing(it: Clearing) -> Document:
    """What was removed, the proof that it is gone, and how to get it back."""
    result = it.result
    plan, site = result.plan, result.plan.request.site.title
    found = Found([(each.profile, each.findings) for each in result.cleared])
    return Document(
        say("{site}: what was removed", site=site)
        if result.cleared
        else say("{site}: nothing was removed", site=site),
        _summary(it, found),
        _facts(found, plan),
        sections(
            (say("Before and after"), _before_and_after(it)),
            (say("To put everything back"), _way_back(it)),
            *_about(found, say("What was removed")),
            (
                say("What stays, and why"),
                (Points(tuple(what_stays(plan.request))), left_alone(it.problems)),
            ),
            (say("Every item"), (found.every_item(),) if found.items else ()),
        ),
        found.listing(),
    )


def _found(plan: Plan) -> Found:
    return Found([(each.profile, each.found) for each in plan.profiles if each.found])


def _facts(found: Found, plan: Plan) -> tuple[tuple[str, str], ...]:
    spans = [each.used for _, findings in found.profiles for each in findings if each.used]
    facts = [
        (say("Items"), f"{found.items:,}"),
        (say("Size"), human_size(found.size)),
        (say("Browser profiles with data"), f"{len(found.profiles)} / {len(plan.profiles)}"),
    ]
    if spans:
        facts += [
            (say("Oldest"), human_time(min(each.oldest for each in spans))),
            (say("Last used"), human_time(max(each.newest for each in spans))),
        ]
    return tuple(facts)


def _about(found: Found, heading: str) -> tuple[tuple[str, tuple[Part, ...]], ...]:
    if not found.profiles:
        return ()
    return (
        (say("Where it is"), found.picture()),
        (say("When it was last used"), found.timeline()),
        (heading, (found.stores(say("By browser profile and store")),)),
    )


def _summary(it: Clearing, found: Found) -> Note:
    result, site = it.result, it.result.plan.request.site.title
    if not result.cleared:
        if result.plan.is_empty:
            return Note(say("Nothing of {site} was found. Nothing was changed.", site=site))
        return Note(say("Nothing of {site} was removed.", site=site), Tone.WARNING)
    removed = say(
        "Removed from {where}: {amount} of {site}.",
        amount=found.amount,
        site=site,
        where=found.where,
    )
    if any(each.leftovers for each in result.traces):
        more = say("A search of every byte found something left; it is named below.")
        return Note(f"{removed} {more}", Tone.WARNING)
    if it.problems:
        more = say("Something was left alone; it is named below.")
        return Note(f"{removed} {more}", Tone.WARNING)
    more = say("A search of every byte found nothing left.")
    return Note(f"{removed} {more}" if result.traces else removed, Tone.GOOD)


def _before_and_after(it: Clearing) -> tuple[Part | None, ...]:
    result = it.result
    if not result.cleared:
        return ()
    traces = {each.profile.path: each for each in result.traces}
    removed = {each.profile.path: each for each in result.cleared}
    columns = (
        Column("profile", say("Browser and profile"), Kind.NAME),
        Column("before", say("Items before"), Kind.COUNT),
        Column("size", say("Size before"), Kind.SIZE),
        Column("removed", say("Removed"), Kind.COUNT),
        Column("left", say("Left over"), Kind.COUNT),
        Column("searched", say("Files searched"), Kind.COUNT),
    )
    rows = []
    for each in result.plan.profiles:
        if not each.found:
            continue
        path, trace = each.profile.path, traces.get(each.profile.path)
        rows.append(
            (
                each.profile.label,
                sum(finding.items for finding in each.found),
                sum(finding.size for finding in each.found),
                removed[path].items if path in removed else 0,
                trace.count(Verdict.LEFTOVER) if trace else None,
                trace.searched if trace else None,
            )
        )
    files = [file for trace in result.traces for file in trace.leftovers]
    return (
        Note(proof(it)) if result.traces else None,
        Table(say("Before and after, by browser profile"), columns, tuple(rows)),
        traced_files(say("Where the site is still named"), files) if files else None,
        Command(say("To see all that names the site:"), it.trace_command) if files else None,
    )


def _way_back(it: Clearing) -> tuple[Part, ...]:
    if it.result.backup_path is None:
        return ()
    keys = ", ".join(it.encrypted_to)
    only = say("Only with the secret key of {keys} can it be put back.", keys=keys)
    return (
        Note(say("The backup is {path}", path=it.result.backup_path)),
        Command(say("This command puts back all that was removed:"), it.restore_command),
        *((Note(only),) if keys else ()),
        Command(
            say("What was removed, logins included, lives on in this backup until you delete it:"),
            it.delete_command,
        ),
    )
