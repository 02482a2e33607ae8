"""Makes one profile: ``python -m benchmarks.make caches.simple DIRECTORY COUNT``."""

import sys
from importlib import import_module
from pathlib import Path

# The makers of small profiles that the tests use make the large ones too.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

if __name__ == "__main__":
    made_by, home, count = sys.argv[1:]
    module, _, function = made_by.partition(".")
    make = getattr(import_module(f"benchmarks.{module}"), function)
    sys.stdout.write(str(make(Path(home), int(count))))
