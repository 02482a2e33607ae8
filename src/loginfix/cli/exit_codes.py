"""What each exit code means, for the help of every command and ``docs/reference``."""

from loginfix.errors import ExitCode
from loginfix.words import message

MEANINGS = {
    ExitCode.DONE: message("Done."),
    ExitCode.FAILED: message("Something unexpected went wrong; please report it."),
    ExitCode.USAGE: message("The command asks for something that does not exist."),
    ExitCode.NOTHING_FOUND: message("Nothing was found, so nothing was changed."),
    ExitCode.PARTIAL: message("Done, but something was left alone; it is named."),
    ExitCode.BROWSER_RUNNING: message("The browser is running; nothing was changed."),
    ExitCode.BACKUP_FAILED: message("The backup could not be written; nothing was removed."),
    ExitCode.NO_BROWSERS: message("No browser was found."),
    ExitCode.PROFILE_UNREADABLE: message("A profile cannot be read."),
    ExitCode.PROFILE_WRITE_FAILED: message("A profile cannot be written; it is as it was."),
    ExitCode.BACKUP_DAMAGED: message("A backup is damaged; nothing was restored from it."),
    ExitCode.VERIFICATION_FAILED: message("The result was not right; all was put back."),
    ExitCode.NOT_CONFIRMED: message("You did not say yes; nothing was changed."),
    ExitCode.BUSY: message("Another run of loginfix is at work."),
    ExitCode.REFUSED: message("It would be unsafe, so it was not done."),
    ExitCode.SKIPPED: message("Skipped this time; nothing was changed."),
    ExitCode.SCHEDULER_FAILED: message("The scheduler cannot do this; nothing was changed."),
    ExitCode.LEFTOVERS_FOUND: message("Something of the site is left; it is named."),
    ExitCode.REPORT_FAILED: message("All is done as told, but a report could not be written."),
    ExitCode.BAD_CONFIGURATION: message("A file with settings of yours is not understood."),
    ExitCode.INTERRUPTED: message("Interrupted, for example by Ctrl-C."),
}

IN_SHORT = {
    ExitCode.DONE: message("done"),
    ExitCode.FAILED: message("unexpected failure"),
    ExitCode.USAGE: message("not understood"),
    ExitCode.NOTHING_FOUND: message("nothing found"),
    ExitCode.PARTIAL: message("something left alone"),
    ExitCode.BROWSER_RUNNING: message("browser open"),
    ExitCode.BACKUP_FAILED: message("no backup"),
    ExitCode.NO_BROWSERS: message("no browser"),
    ExitCode.PROFILE_UNREADABLE: message("profile unreadable"),
    ExitCode.PROFILE_WRITE_FAILED: message("profile not writable"),
    ExitCode.BACKUP_DAMAGED: message("backup damaged"),
    ExitCode.VERIFICATION_FAILED: message("result wrong, put back"),
    ExitCode.NOT_CONFIRMED: message("not confirmed"),
    ExitCode.BUSY: message("busy"),
    ExitCode.REFUSED: message("refused"),
    ExitCode.SKIPPED: message("skipped"),
    ExitCode.SCHEDULER_FAILED: message("scheduler failed"),
    ExitCode.LEFTOVERS_FOUND: message("something left"),
    ExitCode.REPORT_FAILED: message("no report"),
    ExitCode.BAD_CONFIGURATION: message("settings not understood"),
    ExitCode.INTERRUPTED: message("interrupted"),
}
"""The same in a word or two, for a line of help."""

ANY_COMMAND = (
    ExitCode.DONE,
    ExitCode.FAILED,
    ExitCode.USAGE,
    ExitCode.BAD_CONFIGURATION,
    ExitCode.INTERRUPTED,
)
"""How every command can end."""

WRITING = (
    ExitCode.BROWSER_RUNNING,
    ExitCode.PROFILE_UNREADABLE,
    ExitCode.PROFILE_WRITE_FAILED,
    ExitCode.VERIFICATION_FAILED,
    ExitCode.BUSY,
    ExitCode.REFUSED,
)
"""How a command that writes into profiles can end besides."""
