"""Which text and which data belong to which result: a new verb adds one line."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from loginfix.clearing.recover import RecoverResult
from loginfix.clearing.results import RestoreResult
from loginfix.demo.run import Demo
from loginfix.reports import (
    data,
    data_schedule,
    every_user,
    results,
    text_backups,
    text_browsers,
    text_clear,
    text_demo,
    text_doctor,
    text_recover,
    text_restore,
    text_schedule,
    text_sites,
    text_trace,
)
from loginfix.reports.layout import Lines
from loginfix.schedule.results import (
    ScheduleChange,
    ScheduledRun,
    ScheduleList,
    ScheduleLog,
    ScheduleStatus,
)


@dataclass(frozen=True, slots=True)
class View:
    """The two forms of one kind of result."""

    text: Callable[[Any], Lines]
    data: Callable[[Any], data.Data]


_VIEWS: dict[type, View] = {
    results.BrowserList: View(text_browsers.browsers, data.browsers),
    results.SiteList: View(text_sites.sites, data.sites),
    results.DryRun: View(text_clear.dry_run, data.dry_run),
    results.Clearing: View(text_clear.clearing, data.clearing),
    results.Tracing: View(text_trace.tracing, data.tracing),
    RestoreResult: View(text_restore.restoring, data.restoring),
    RecoverResult: View(text_recover.recovering, data.recovering),
    results.BackupList: View(text_backups.backup_list, data.backup_list),
    results.BackupDetails: View(text_backups.backup_details, data.backup_details),
    results.BackupChecks: View(text_backups.backup_checks, data.backup_checks),
    results.NewKey: View(text_backups.new_key, data.new_key),
    results.BackupDeletion: View(text_backups.backup_deletion, data.backup_deletion),
    Demo: View(text_demo.demo, data.demo),
    results.Consultation: View(text_doctor.consultation, data.consultation),
    results.Pruning: View(text_backups.pruning, data.pruning),
    ScheduleList: View(text_schedule.schedule_list, data_schedule.schedule_list),
    ScheduleStatus: View(text_schedule.details, data_schedule.details),
    ScheduleChange: View(text_schedule.change, data_schedule.change),
    ScheduledRun: View(text_schedule.run, data_schedule.run),
    every_user.EveryUser: View(every_user.every_user_text, every_user.every_user_data),
    ScheduleLog: View(text_schedule.log, data_schedule.log),
}


def view_of(result: results.Result) -> View:
    """The forms of a result."""
    return _VIEWS[type(result)]
