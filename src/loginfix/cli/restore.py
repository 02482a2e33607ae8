"""``loginfix restore``: put back what a run removed."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import click

from loginfix.browsers.model import Profile
from loginfix.clearing.restore import restore as put_back
from loginfix.clearing.results import RestoreResult
from loginfix.cli.closing import close_all, with_reasons
from loginfix.cli.exit_codes import WRITING
from loginfix.cli.machine import Machine
from loginfix.cli.options import (
    close_option,
    dry_run_option,
    identity_option,
    machine_options,
    only_option,
    output_options,
    user_option,
    yes_option,
)
from loginfix.cli.session import Consent, Session, pass_session
from loginfix.cli.verb import Verb
from loginfix.errors import ExitCode
from loginfix.reports import text_restore
from loginfix.stores.catalog import known_categories
from loginfix.stores.model import Category
from loginfix.vault.admission import open_to_restore
from loginfix.vault.cover import keys_in
from loginfix.vault.directory import Vault
from loginfix.vault.model import ProfileRecord


@click.command(
    cls=Verb,
    examples=(
        "loginfix restore",
        "loginfix restore 20261124-035030-amazon --dry-run",
        "loginfix restore --only cookies --yes",
        "loginfix restore --identity key.txt",
    ),
    exit_codes=(
        ExitCode.NOTHING_FOUND,
        ExitCode.PARTIAL,
        ExitCode.BACKUP_DAMAGED,
        ExitCode.NOT_CONFIRMED,
        *WRITING,
    ),
)
@click.argument("backup_id", metavar="[ID]", required=False)
@only_option
@click.option(
    "--overwrite",
    is_flag=True,
    help="Where both sides have the same thing, take the backup's.",
)
@identity_option
@click.option(
    "--from-elsewhere",
    is_flag=True,
    help="Also take a backup that another user or another computer made.",
)
@dry_run_option
@yes_option
@close_option
@machine_options
@user_option
@output_options
@pass_session
def restore(
    session: Session,
    *,
    machine: Machine,
    yes: Consent,
    backup_id: str | None,
    only: frozenset[Category],
    overwrite: bool,
    identity: Path | None,
    from_elsewhere: bool,
    dry_run: bool,
    close_browser: bool,
) -> RestoreResult:
    """Put back what was removed.

    From the latest backup, or the one with this ID; the beginning of an ID is
    enough. What has appeared in the browsers since then stays.
    """
    if not dry_run:
        yes.require()
    directories = machine.directories
    vault = Vault(directories.backups)
    chosen = vault.get(backup_id).id
    path = vault.path(chosen)
    keys = keys_in(identity)
    with open_to_restore(path, keys, from_elsewhere=from_elsewhere) as backup:
        records = tuple(backup.profiles.values())
    profiles = machine.all_profiles(Path(record.path) for record in records)
    session.journal = directories.journal

    def run(*, dry_run: bool) -> RestoreResult:
        result = put_back(
            chosen,
            directories,
            profiles,
            categories=only or known_categories(),
            overwrite=overwrite,
            dry_run=dry_run,
            keys=keys,
            from_elsewhere=from_elsewhere,
            progress=session.progress,
        )
        return replace(result, problems=with_reasons(result.problems, still_open))

    still_open = close_all(_concerned(profiles, records), session, asked=close_browser)
    if dry_run:
        return run(dry_run=True)
    if not yes.given and (preview := run(dry_run=True)).changed:
        yes.ask(preview, text_restore.QUESTION)
    return run(dry_run=False)


def _concerned(
    profiles: Collection[Profile], records: Collection[ProfileRecord]
) -> tuple[Profile, ...]:
    """The profiles that a backup may be put back into."""
    paths = {record.path for record in records}
    names = {(record.brand, record.directory) for record in records}
    return tuple(
        each
        for each in profiles
        if str(each.path) in paths or (each.brand, each.directory) in names
    )
