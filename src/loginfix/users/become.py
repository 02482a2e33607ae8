"""Giving root up for good, and becoming one user: the only defence against a hostile home.

Whoever owns a home can put links, pipes and whatever else into it at any moment. A process that can
do no more than that person has nothing to be tricked into.
"""

import os
import tempfile
from pathlib import Path

from loginfix.errors import RefusedError
from loginfix.users.accounts import Account
from loginfix.words import say

# What root's environment says of the terminal and the language holds for the report, too.
_KEPT = ("LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "TZ", "COLUMNS", "NO_COLOR")
_PATH = "/usr/local/bin:/usr/bin:/bin"
_RUNTIME = "/run/user/{uid}"


def become(account: Account) -> None:
    """Turn this process into one of that user: groups, ids, session, environment.

    Nothing of root is left, and there is no way back. Only for a child that then does that user's
    work and ends.

    Raises:
        RefusedError: It is not certain that root is given up.
        OSError: The system refuses.
    """
    # Without a terminal: nothing that runs as the user may type into root's.
    os.setsid()
    os.initgroups(account.name, account.gid)
    os.setgid(account.gid)
    os.setuid(account.uid)
    _require_dropped(account)
    os.umask(0o077)
    os.chdir("/")
    environment = environment_of(account)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None  # it may have been root's


def environment_of(account: Account) -> dict[str, str]:
    """What a login of that user would have, as far as loginfix needs it."""
    found = {name: os.environ[name] for name in _KEPT if name in os.environ}
    found |= {
        "HOME": str(account.home),
        "USER": account.name,
        "LOGNAME": account.name,
        "SHELL": account.shell,
        "PATH": _PATH,
    }
    runtime = Path(_RUNTIME.format(uid=account.uid))
    if runtime.is_dir() and runtime.stat().st_uid == account.uid:
        # There while the user is logged in, and with it their keyring.
        found["XDG_RUNTIME_DIR"] = str(runtime)
        found["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={runtime}/bus"
    return found


def _require_dropped(account: Account) -> None:
    ids = {os.getuid(), os.geteuid()}, {os.getgid(), os.getegid()}
    if ids != ({account.uid}, {account.gid}) or _can_be_root():
        raise RefusedError(
            say("Root could not be given up for {user}.", user=account.name),
            next_step=say("Nothing was done for this user. Please report this, with your system."),
        )


def _can_be_root() -> bool:
    """Whether there is a way back: capabilities that outlived the change of the user."""
    try:
        os.setuid(0)
    except PermissionError:
        return False
    return True
