"""Root stays out of other people's homes."""

import os
from collections.abc import Iterable
from pathlib import Path

from loginfix.errors import RefusedError
from loginfix.users.accounts import Account, is_root, name_of
from loginfix.words import say


def refuse_foreign(paths: Iterable[Path]) -> None:
    """Refuse, as root, to work where somebody else could plant links for us on the way.

    A place that is not there, or that even root cannot look at, is left to whoever opens it.

    Raises:
        RefusedError: One of the paths, or a folder that it is in, belongs to another user.
    """
    if not is_root():
        return
    for path in paths:
        real = Path(os.path.realpath(path))
        for each in (real, *real.parents):
            try:
                owner = each.stat().st_uid
            except OSError:
                continue
            if owner != 0:
                raise _refusal(each, owner)


def require_own(account: Account) -> None:
    """Refuse a home that is not that user's: it is shared, or a mistake.

    Raises:
        RefusedError: It belongs to somebody else.
    """
    try:
        owner = account.home.stat().st_uid
    except OSError:
        return
    if owner != account.uid:
        raise RefusedError(
            say(
                "The home of {user}, {path}, belongs to {owner}.",
                user=account.name,
                path=account.home,
                owner=name_of(owner),
            ),
            next_step=say("Nothing was done there. Give the home to its user first."),
            path=account.home,
        )


def require_program(account: Account) -> None:
    """Refuse, as that user, to run a program whose files they cannot read.

    Raises:
        RefusedError: loginfix is installed in a place of root's own.
    """
    for path in (Path(__file__), Path(os.__file__)):
        if not os.access(path, os.R_OK):
            raise RefusedError(
                say(
                    "{user} cannot read loginfix where it is installed: {path}.",
                    user=account.name,
                    path=path,
                ),
                next_step=say("Install it where everybody can read it, such as below /opt."),
                path=path,
            )


def _refusal(path: Path, owner: int) -> RefusedError:
    name = name_of(owner)
    if os.environ.get("SUDO_USER") == name:
        next_step = say("You are root by sudo. Run the same command without sudo.")
    elif name == str(owner):  # a number without an account
        next_step = say("Run it as that user.")
    else:
        next_step = say(
            "Run it as that user; or as root with --user {user}, or for everybody: --all-users.",
            user=name,
        )
    return RefusedError(
        say("{path} belongs to {user}, and root does not work there.", path=path, user=name),
        next_step=next_step,
        path=path,
    )
