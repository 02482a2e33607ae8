"""A desktop notification, by whatever the system has for it. None of it is fine too."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

_SECONDS = 15
# A scheduler's PATH may be empty.
_PATH = os.pathsep.join(("/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin"))
_APPLESCRIPT = (
    "on run argv\ndisplay notification (item 2 of argv) with title (item 1 of argv)\nend run"
)
# The texts come as variables: nothing in them can be taken for a command.
_TOAST = (
    "$m=[Windows.UI.Notifications.ToastNotificationManager,Windows.UI.Notifications,"
    "ContentType=WindowsRuntime];"
    "$x=$m::GetTemplateContent([Windows.UI.Notifications.ToastTemplateType]::ToastText02);"
    "$t=$x.GetElementsByTagName('text');"
    "[void]$t.Item(0).AppendChild($x.CreateTextNode($env:LOGINFIX_TITLE));"
    "[void]$t.Item(1).AppendChild($x.CreateTextNode($env:LOGINFIX_TEXT));"
    "$m::CreateToastNotifier('loginfix').Show("
    "[Windows.UI.Notifications.ToastNotification]::new($x))"
)


def notify(title: str, text: str) -> bool:
    """Show a notification; returns whether some program took it. Never raises."""
    for command in _commands(title, text):
        program = shutil.which(command[0]) or shutil.which(command[0], path=_PATH)
        if program is None:
            continue
        with suppress(OSError, subprocess.SubprocessError, ValueError):
            done = subprocess.run(  # noqa: S603  a list, no shell
                [program, *command[1:]],
                env={**os.environ, **_session(), "LOGINFIX_TITLE": title, "LOGINFIX_TEXT": text},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=_SECONDS,
            )
            if done.returncode == 0:
                return True
    return False


def _commands(title: str, text: str) -> Iterator[list[str]]:
    if sys.platform == "win32":
        yield ["powershell", "-NoProfile", "-NonInteractive", "-Command", _TOAST]
    elif sys.platform == "darwin":
        yield ["terminal-notifier", "-title", title, "-message", text]
        yield ["osascript", "-e", _APPLESCRIPT, title, text]
    else:
        yield ["notify-send", "--app-name=loginfix", "--", title, text]


def _session() -> Mapping[str, str]:
    """The person's message bus, which cron says nothing of."""
    if sys.platform in ("win32", "darwin") or "DBUS_SESSION_BUS_ADDRESS" in os.environ:
        return {}
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    bus = Path(runtime) / "bus"
    return {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={bus}"} if bus.exists() else {}
