"""The locks of both engines on Windows: a file that is open with no sharing.

Chromium keeps ``lockfile`` open in its user data directory and has it deleted when it closes
(chrome/browser/process_singleton_win.cc); Firefox keeps ``parent.lock`` open in the profile
(toolkit/profile/nsProfileLock.cpp). Whoever cannot open the file is not alone.
"""

import sys
from pathlib import Path

from loginfix.browsers import processes
from loginfix.browsers.held import Release
from loginfix.browsers.in_use import Running, refusal, used_by
from loginfix.browsers.model import Engine, Profile


def file_of(profile: Profile) -> Path:
    """The file that stands for the lock of ``profile``."""
    if profile.engine is Engine.CHROMIUM:
        return profile.user_data / "lockfile"
    return profile.path / "parent.lock"


def release_stale(_profile: Profile) -> bool:
    """Nothing: the system closes the files of a process that ends."""
    return False


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    # winnt.h, fileapi.h, winerror.h
    _READ_AND_WRITE = 0x80000000 | 0x40000000
    _OPEN_EXISTING = 3
    _OPEN_ALWAYS = 4
    _DELETE_ON_CLOSE = 0x04000000
    _ERROR_SHARING_VIOLATION = 32
    _INVALID_HANDLE = ctypes.c_void_p(-1).value

    _kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel32.CreateFileW.restype = ctypes.c_void_p
    _kernel32.CreateFileW.argtypes = [
        wintypes.LPCWSTR,
        wintypes.DWORD,
        wintypes.DWORD,
        ctypes.c_void_p,
        wintypes.DWORD,
        wintypes.DWORD,
        ctypes.c_void_p,
    ]
    _kernel32.CloseHandle.argtypes = [ctypes.c_void_p]

    def state(profile: Profile) -> Running | None:
        """Who has the profile open.

        Raises:
            OSError: the lock file cannot be opened for another reason than being in use.
        """
        file = file_of(profile)
        try:
            handle = _open_alone(file, _OPEN_EXISTING)
        except FileNotFoundError:
            return None
        if handle is None:
            candidates = processes.any_of(profile.process_names, profile.path)
            return used_by(profile, processes.with_open(file, candidates))
        _kernel32.CloseHandle(handle)
        return None

    def take(profile: Profile) -> Release:
        """Make the browser find its lock taken.

        Returns:
            What gives the lock back; a file that was not there before goes with it.

        Raises:
            BrowserRunningError: a browser has it open.
            BusyError: another run of this program holds it.
            OSError: the lock file cannot be made.
        """
        file = file_of(profile)
        handle = _open_alone(file, _OPEN_ALWAYS, 0 if file.exists() else _DELETE_ON_CLOSE)
        if handle is None:
            raise refusal(profile, state(profile) or used_by(profile, None))

        def release() -> None:
            _kernel32.CloseHandle(handle)

        return release

    def _open_alone(file: Path, disposition: int, flags: int = 0) -> int | None:
        """Open ``file`` so that nobody else can; ``None`` if somebody else has it open."""
        handle: int | None = _kernel32.CreateFileW(
            str(file), _READ_AND_WRITE, 0, None, disposition, flags, None
        )
        if handle != _INVALID_HANDLE:
            return handle
        error = ctypes.get_last_error()
        if error == _ERROR_SHARING_VIOLATION:
            return None
        raise ctypes.WinError(error)
