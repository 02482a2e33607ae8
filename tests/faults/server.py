"""A process that has imported loginfix and runs commands in children of its own, one after another.

It saves starting an interpreter for every fault. Through a socket, its standard input, one line of
JSON a command comes in, and one goes out::

    {"arguments": ["recover"], "output": "/path", "spent": {"fsync": 12}}
    {"pid": 4711, "code": 0}

Its arguments are a command to begin with that changes nothing: what is loaded for it need not be
loaded again. ``spent`` are harmless system calls to make first. ``strace`` counts the calls of
every process by itself and strikes the one with a fixed number: so another one is chosen each time.
"""

import ctypes
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from loginfix.cli.program import main

LONGEST = 120  # seconds that a command may take
NO_FILE = 1 << 30
BY_DESCRIPTOR = {
    *("write", "writev", "pwrite64", "fsync", "fdatasync", "ftruncate", "fallocate"),
    *("fchmod", "fchown", "sendfile", "copy_file_range"),
}


def harmless(call: str) -> tuple[Any, ...]:
    """Arguments with which a call, whose C function has the same name, fails and does nothing."""
    if call in BY_DESCRIPTOR:
        return NO_FILE, None, 0, 0
    if call.endswith(("at", "at2")):
        return NO_FILE, b"-", NO_FILE, b"-", 0
    return b"", b"", 0


def spend(calls: Mapping[str, int]) -> None:
    """Make so many harmless calls of each kind."""
    library = ctypes.CDLL(None)
    for name, count in calls.items():
        function = getattr(library, name)
        arguments = harmless(name)
        for _ in range(count):
            function(*arguments)


def run(arguments: Sequence[str], output: str) -> int:
    """Run a command as a process of its own would, with its output in a file."""
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    os.close(descriptor)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  for good
    code = 0
    try:
        main(arguments)
    except SystemExit as end:
        code = int(end.code or 0)
    sys.stdout.flush()
    return code


def serve(first: Sequence[str]) -> None:
    """Answer until there are no more commands."""
    channel = socket.socket(fileno=0)  # sending is not among the calls that are struck
    run(first, os.devnull)
    for line in channel.makefile(encoding="utf-8"):
        command = json.loads(line)
        child = os.fork()
        if child == 0:
            code = 70  # not one of the program's
            try:
                signal.alarm(LONGEST)
                spend(command["spent"])
                code = run(command["arguments"], command["output"])
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        channel.sendall(json.dumps({"pid": child, "code": code}).encode() + b"\n")


if __name__ == "__main__":
    serve(sys.argv[1:])
