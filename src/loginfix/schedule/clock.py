"""Time that passes, so that tests can have their own."""

import time
from datetime import UTC, datetime


class Clock:
    """The computer's clock."""

    def now(self) -> datetime:
        """The present."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
