"""Is the browser running with exactly this profile? Asked without writing anything."""

from loginfix.browsers.engine_locks import lock_of
from loginfix.browsers.held import is_held
from loginfix.browsers.in_use import Running
from loginfix.browsers.model import Profile
from loginfix.errors import ProfileUnreadableError
from loginfix.words import say


def running_state(profile: Profile) -> Running | None:
    """Who has ``profile`` open, or ``None``; a lock that this process holds does not count.

    Raises:
        ProfileUnreadableError: the browser's lock cannot be read.
    """
    lock = lock_of(profile)
    try:
        return None if is_held(lock.file_of(profile)) else lock.state(profile)
    except OSError as error:
        raise ProfileUnreadableError(
            say(
                "Whether {label} is open cannot be known: {error}", label=profile.label, error=error
            ),
            next_step=say("Check that you may read {path} and what is in it.", path=profile.path),
            path=profile.path,
        ) from error
