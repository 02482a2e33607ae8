"""``python -m faults``: the whole sweep, or a part of it; see ``CONTRIBUTING.md``."""

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory

from faults.jobs import make_jobs
from faults.profiles import SMALL
from faults.sweep import FAULTS, place_for_homes, sweep
from faults.table import table


def main() -> int:
    """Sweep, tell what must not be, and print the table; the exit code is 1 if there is any."""
    parser = ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("--profile", action="append", help="a small one, or any recording")
    parser.add_argument("--fault", action="append", choices=FAULTS)
    parser.add_argument("--verb", action="append", help="how the name of a job begins")
    parser.add_argument(
        "--at-most", type=int, metavar="N", help="so many points of each, by chance"
    )
    chosen = parser.parse_args()
    swept = []
    with TemporaryDirectory(dir=place_for_homes()) as work:
        for profile in chosen.profile or SMALL:
            for job in make_jobs(profile, Path(work) / profile):
                if chosen.verb and not job.name.startswith(tuple(chosen.verb)):
                    continue
                for fault in chosen.fault or FAULTS:
                    began = time.monotonic()
                    swept.append(sweep(job, fault, chosen.at_most))
                    seconds = time.monotonic() - began
                    print(profile, job.name, fault, f"{seconds:.0f} s", file=sys.stderr)
                    for failure in swept[-1].failures:
                        print("  ", failure, file=sys.stderr)
    print(table(each for each in swept if each.verdicts))
    return any(each.failures for each in swept)


if __name__ == "__main__":
    sys.exit(main())
