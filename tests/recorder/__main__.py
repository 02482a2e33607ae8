"""``python -m recorder NAME --binary PATH``: writes one recording."""

import argparse
import shutil
from pathlib import Path

from recorder.recording import (
    FIREFOX_FLAVOURS,
    FLAVOURS,
    HOME,
    record_chromium,
    record_firefox,
)


def main() -> None:
    """Read the command line and record."""
    parser = argparse.ArgumentParser(prog="recorder", description=__doc__)
    parser.add_argument("name", help="of the recording, such as firefox-esr-153")
    parser.add_argument("--binary", type=Path, required=True, help="the browser to record")
    parser.add_argument("--killed", action="store_true", help="end the browser with SIGKILL")
    parser.add_argument(
        "--flavour",
        default="",
        choices=[*filter(None, FLAVOURS), *FIREFOX_FLAVOURS],
        help="something other than the default, or more than that",
    )
    arguments = parser.parse_args()
    if HOME.exists():
        parser.error(f"{HOME} exists; the recorder makes and removes it itself")
    record = record_chromium if arguments.name.startswith("chromium") else record_firefox
    HOME.mkdir(parents=True)
    try:
        record(arguments.name, arguments.binary, killed=arguments.killed, flavour=arguments.flavour)
    finally:
        shutil.rmtree(HOME)


if __name__ == "__main__":
    main()
