"""Which text and which data belong to which result: a new verb adds one line."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from loginfix.api.results import Result
from loginfix.reports.layout import Lines

if TYPE_CHECKING:
    from loginfix.reports.document import Document


@dataclass(frozen=True, slots=True)
class View:
    """The forms of one kind of result; each is made by the function with this name.

    By name, because its module is imported when the result is shown: a run starts without what
    only the results of others need. ``document_by`` makes what reports to keep are made of, and
    ``items_by`` lists single things; not every kind of result has them.
    """

    text_by: str
    data_by: str
    document_by: str = ""
    items_by: str = ""

    def text(self, result: Result) -> Lines:
        """The result for a person."""
        lines: Lines = _function(self.text_by)(result)
        return lines

    def data(self, result: Result) -> dict[str, Any]:
        """The result for a program."""
        data: dict[str, Any] = _function(self.data_by)(result)
        return data

    def document(self, result: Result) -> "Document":
        """The result as a report to keep."""
        document: Document = _function(self.document_by)(result)
        return document

    def items(self, result: Result) -> Lines:
        """The single things that the result counts, for a person."""
        lines: Lines = _function(self.items_by)(result) if self.items_by else ()
        return lines


_VIEWS: dict[str, View] = {
    "BrowserList": View("text_browsers.browsers", "data.browsers"),
    "SiteList": View("text_sites.sites", "data.sites"),
    "DryRun": View(
        "text_clear.dry_run", "data.dry_run", "document_clear.dry_run", "text_items.dry_run"
    ),
    "Clearing": View(
        "text_clear.clearing", "data.clearing", "document_clear.clearing", "text_items.clearing"
    ),
    "Tracing": View("text_trace.tracing", "data.tracing", "document_trace.tracing"),
    "RestoreResult": View("text_restore.restoring", "data.restoring", "document_restore.restoring"),
    "RecoverResult": View("text_recover.recovering", "data.recovering"),
    "BackupList": View("text_backups.backup_list", "data.backup_list"),
    "BackupDetails": View("text_backups.backup_details", "data.backup_details"),
    "BackupChecks": View("text_backups.backup_checks", "data.backup_checks"),
    "NewKey": View("text_backups.new_key", "data.new_key"),
    "BackupDeletion": View("text_backups.backup_deletion", "data.backup_deletion"),
    "Demo": View("text_demo.demo", "data.demo"),
    "Consultation": View(
        "text_doctor.consultation", "data.consultation", "document_doctor.consultation"
    ),
    "Pruning": View("text_backups.pruning", "data.pruning"),
    "ScheduleList": View("text_schedule.schedule_list", "data_schedule.schedule_list"),
    "ScheduleStatus": View("text_schedule.details", "data_schedule.details"),
    "ScheduleChange": View("text_schedule.change", "data_schedule.change"),
    "ScheduledRun": View("text_schedule.run", "data_schedule.run"),
    "EveryUser": View("every_user.every_user_text", "every_user.every_user_data"),
    "CompletionScript": View("completion.completion_text", "completion.completion_data"),
    "Configuration": View("config.config_text", "config.config_data"),
    "ScheduleLog": View("text_schedule.log", "data_schedule.log"),
}
"""By the name of the result's class."""


def view_of(result: Result) -> View:
    """The forms of a result."""
    return _VIEWS[type(result).__name__]


def _function(name: str) -> Callable[[Any], Any]:
    module, _, function = name.partition(".")
    made_by: Callable[[Any], Any] = getattr(import_module(f"loginfix.reports.{module}"), function)
    return made_by
