"""``python -m fuzzing [NAME ...] [--seconds N] [--unguided] [--seed N] [--list]``."""

import argparse
import importlib
import sys
import time
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path


def main() -> int:
    """Fuzz the targets whose names match, for so many seconds in all; 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m fuzzing")
    parser.add_argument("names", nargs="*", default=["*"], help="patterns of names of targets")
    parser.add_argument("--seconds", type=float, default=90, help="in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--unguided", action="store_true", help="without atheris")
    parser.add_argument("--list", action="store_true", help="only name the targets")
    parser.add_argument("--keep", type=Path, help="where to put what is found, by target")
    chosen = parser.parse_args()
    guide = not chosen.unguided and find_spec("atheris") is not None
    if guide:
        import atheris  # noqa: PLC0415  not everywhere

        # It must see the program being imported.
        with atheris.instrument_imports(include=["loginfix"], enable_loader_override=False):
            catalog = importlib.import_module("fuzzing.catalog")
    else:
        catalog = importlib.import_module("fuzzing.catalog")
    from fuzzing.model import FINDINGS, name_of  # noqa: PLC0415  after the above
    from fuzzing.running import guided, in_child  # noqa: PLC0415

    targets = [
        each
        for each in catalog.all_targets()
        if any(fnmatch(each.name, name) for name in chosen.names)
    ]
    found = tried = 0
    heaviness = sum(each.weight for each in targets)
    begun = time.monotonic()
    for target in targets:
        if chosen.list:
            sys.stdout.write(f"{target.name}\n")
            continue
        left = max(0.0, chosen.seconds - (time.monotonic() - begun))
        share = left * target.weight / heaviness
        heaviness -= target.weight
        # A second is the least that libFuzzer can be given.
        outcome = (guided if guide and share >= 1 else in_child)(target, share, chosen.seed)
        tried += outcome.tried
        sys.stdout.write(f"{target.name}: {outcome.tried} tried, {outcome.parsed} parsed\n")
        sys.stdout.flush()
        if outcome.finding is not None:
            found += 1
            kept = (chosen.keep or FINDINGS) / target.name / name_of(outcome.finding)
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(outcome.finding)
            sys.stdout.write(f"FOUND {kept}\n{outcome.why}\n")
    how = "guided by coverage" if guide else "by mutation"
    seconds = time.monotonic() - begun
    sys.stdout.write(
        f"{len(targets)} targets, {tried} inputs, {found} findings in {seconds:.0f} s, {how}\n"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
