"""The last steps of a run, which Ctrl-C may not break off: half of them would help nobody."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Pay no attention to an interruption while the block runs: the run is ending already.

    What the system says at a logout (SIGTERM) counts as one only where the run takes it for one.
    Outside the main thread Python delivers no signal, so there is nothing to hold back.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    taken = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    heard = {each: handler for each, handler in taken.items() if callable(handler)}
    for each in heard:
        # A handler that does nothing, not SIG_IGN: programs started meanwhile would inherit that.
        signal.signal(each, lambda *_: None)
    try:
        yield
    finally:
        for each, handler in heard.items():
            signal.signal(each, handler)
