"""The result as ``docs/benchmarks.md``, and on the terminal."""

import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measure import Measured
from benchmarks.run import Group

PAGE = Path(__file__).resolve().parent.parent / "docs/benchmarks.md"

_LOOK = "loginfix --dry-run"
_MOST_MEMORY = 150e6

_HEAD = """# Benchmarks

How fast loginfix is beside what one would use instead, as whole processes on the same files in the
same run. Only the ratios mean anything on another machine. Make this page anew with

```sh
python -m benchmarks --directory /tmp/loginfix-benchmarks --write
```

The profiles are made up, from a fixed seed, in the formats of the browsers; five per cent of each
are the site's. All is read from memory (each command ran once before); what is to be changed is on
the disk before. Every number is a median; *processor* is the time of all processors together,
*memory* the most that one process had.
"""

_LIMITS = """## What limits the rest

- **Starting** takes as long as all of a small look (see *Start*): that alone is several times what
  `cat` takes for a large database.
- **Looking through a cache** costs three calls of the system for each file, as many as the floor
  has (four in Firefox's, for its length). What is added is Python, which also proves each key by
  the file's name, and its start. From 8,000 files on the work is shared by as many processes as
  there are processors, where the system can fork (Linux).
- **A clear** looks through everything three more times, on purpose: under the lock, to choose; when
  it is done, as the stores do; then an independent search goes through every byte of what is left.
  Before and after, the status of every file is taken, to prove that no other was touched. Each file
  that goes is read, compressed into the backup, and read again. `tar` and `rm` do none of that.
- **A restore** reads and verifies the whole backup first, takes the status of every file twice, and
  makes each file durable by itself, though many are waited for at a time.
- **A scheduled run** looks at everything each time. What has not changed since could be passed over
  by its times; that would save part of a second, and rest on nobody having set a clock back.
- **Databases** are written anew without the site's rows, and both are compared row by row, before
  one takes the other's place; that takes longer than deleting rows in place, and leaves nothing of
  them in free pages.
- **LevelDB** is read and written by Python, record by record; a clear walks through it five times:
  to look, to choose, to write, to prove and to verify.
- Copies share blocks with their originals only where the file system can do that.
"""


def page(groups: Mapping[str, Group], scale: float) -> str:
    """The whole page."""
    return "\n".join((_HEAD, *_machine(scale), *_targets(groups), *_tables(groups), _LIMITS))


def ratios(groups: Mapping[str, Group]) -> Iterator[tuple[str, float, float]]:
    """What is to be reached: what it is, how it came out, and the most that it should be."""
    start = groups["start"].measured
    yield _named("loginfix --version", "python -c pass", start, 3)
    if cache := groups.get("simple-cache look"):
        for other, target in (("rg -uuu -la", 1), ("C floor", 2)):
            if other in cache.measured:
                yield _named(_LOOK, other, cache.measured, target)
        done = groups["simple-cache clear"].measured
        both = done["tar + rm"].time + cache.measured[_LOOK].time
        yield "clear / (tar + rm + look)", done["loginfix clear-cache"].time / both, 2
        yield _named("loginfix restore", "tar -x", done, 2)
    for name in ("history", "places", "local-storage"):
        if group := groups.get(f"{name} look"):
            what, ratio, most = _named(_LOOK, "cat", group.measured, 3)
            yield f"{what}, {name}", ratio, most
    for name, group in groups.items():
        if name.endswith("look"):
            small = group.measured[f"{_LOOK}, a tenth"].time
            yield f"ten times as much, {name}", group.measured[_LOOK].time / small, 11
    peak = max(
        each.peak
        for group in groups.values()
        for name, each in group.measured.items()
        if name.startswith("loginfix")
    )
    yield "memory in MB", peak / 1e6, _MOST_MEMORY / 1e6


def _named(
    one: str, other: str, measured: Mapping[str, Measured], most: float
) -> tuple[str, float, float]:
    return f"{one} / {other}", measured[one].time / measured[other].time, most


def _machine(scale: float) -> Iterator[str]:
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text("utf-8").splitlines()
        names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    yield f"Measured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} processors ({model}),"
    yield f"{platform.system()} {platform.release()}, Python {platform.python_version()}; scale"
    yield f"{scale:g}. BleachBit is {'' if shutil.which('bleachbit') else 'not '}installed.\n"


def _targets(groups: Mapping[str, Group]) -> Iterator[str]:
    yield "| ratio | reached | target | |\n|---|---|---|---|"
    for what, ratio, most in ratios(groups):
        yield f"| {what} | {ratio:.1f} | {most:g} | {'yes' if ratio <= most else '**no**'} |"
    yield ""


def _tables(groups: Mapping[str, Group]) -> Iterator[str]:
    for group in groups.values():
        yield f"## {group.title}\n\n| | seconds | processor | memory |\n|---|---|---|---|"
        for name, each in group.measured.items():
            memory = f"{each.peak / 1e6:.0f} MB"
            yield f"| `{name}` | {each.time:.3f} | {each.processor:.3f} | {memory} |"
        yield "".join(f"\nLeft out: {why}." for why in group.left_out)
