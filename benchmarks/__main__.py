"""The command line of the benchmarks."""

import argparse
from pathlib import Path
from tempfile import gettempdir

from benchmarks.profiles import RECIPES
from benchmarks.report import PAGE, page
from benchmarks.run import Group, Options, clears, scans, start_up


def main() -> None:
    """Measure, print the page, and write it if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--directory",
        type=Path,
        default=Path(gettempdir(), "loginfix-benchmarks"),
        help="where the profiles are made, and kept for the next time (4 GB at full scale)",
    )
    parser.add_argument("--scale", type=float, default=1, help="how large, such as 0.01")
    parser.add_argument("--runs", type=int, default=5, help="how often each command runs")
    parser.add_argument("--only", nargs="*", choices=RECIPES, default=tuple(RECIPES))
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    given = parser.parse_args()
    options = Options(given.directory, given.scale, given.runs, tuple(given.only))
    groups: dict[str, Group] = {"start": start_up(options)}
    for step, word in ((scans, "look"), (clears, "clear")):
        for name, group in step(options):
            groups[f"{name} {word}"] = group
            print(group.title, *_lines(group), sep="\n  ", flush=True)
    text = page(groups, options.scale)
    print(text)
    if given.write:
        PAGE.write_text(text, "utf-8")


def _lines(group: Group) -> list[str]:
    return [
        f"{each.time:9.3f} s {each.processor:9.3f} s {each.peak >> 20:5d} MB  {name}"
        for name, each in group.measured.items()
    ]


if __name__ == "__main__":
    main()
