"""Damaged caches by the thousand: ``python -m cache_fuzzing KIND INPUTS [SEED]``.

Each input is a recorded cache with bits flipped, numbers replaced, parts cut off or exchanged; some
records get a new hash that fits, so that what is behind the hashes is tried too. It must be refused
with the codec's own error, or be taken apart without touching an entry of another site, in little
time.
"""

import io
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from block_caches import Files, addresses, contents_of
from loginfix.formats import simple_cache, simple_cache_index
from loginfix.formats.block_cache.addresses import BlockCacheError
from loginfix.formats.block_cache.cache import BlockCache
from loginfix.formats.block_cache.edit import remove
from loginfix.formats.block_cache.unused import zero_unused
from loginfix.formats.superfasthash import super_fast_hash
from loginfix.sites.forms import FORMS
from recorder.recordings import unpack
from store_doubles import TARGET

RECORDING = "chromium-156-blockfile"
KEPT = ("/static/pieces.bin", "long=", "/static/app.js", "/static/program.js")
OF = ("https://www.amazon.com/", "https://www.example.org/")
TABLE, INDEX_HEADER, BLOCK_HEADER = 0x10000, 368, 8192
SLOWEST_SECONDS = 10.0
INTERESTING = (0, 1, 2, 4, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x81000000, 0x90000000, 0xA0010000)


def is_target(key: bytes) -> bool:
    """Whether an entry is the site's."""
    return TARGET.owns(FORMS["block_cache_key"](key.decode("utf-8", "replace")))


def small_block_cache() -> Files:
    """The recorded cache with some entries of each kind, and a small table: quick to parse."""
    with TemporaryDirectory() as scratch:
        recording = unpack(RECORDING, Path(scratch) / "home")
        files = Files.of(recording.cache / "Cache/Cache_Data")
    opened = files.opened()
    cache = opened.cache

    def is_kept(key: str) -> bool:
        return all(any(part in key for part in parts) for parts in (KEPT, OF))

    remove(cache, addresses(cache, lambda key: not is_kept(key.decode())))
    files = opened.saved()
    opened = files.opened()
    cache = opened.cache
    for bucket, _ in list(cache.index.buckets()):
        cache.index.set_bucket(bucket, 0)
    for entry in cache.entries:
        # One bucket in eight entries' hashes would hardly ever have two: let some share one.
        cache.index.set_bucket(entry.record.hash & (TABLE - 1), entry.address.value)
    cache.index.data[28:32] = TABLE.to_bytes(4, "little")
    del cache.index.data[INDEX_HEADER + 4 * TABLE :]
    for number, file in cache.files.items():
        used = max((block + count for block, count, _ in cache.extents[number]), default=0)
        file.capacity = (used + 63) // 32 * 32
    files = opened.saved()
    for file in cache.files.values():
        del files.contents[file.name][BLOCK_HEADER + file.capacity * file.block_size :]
    return files


class Mutator:
    """Damages files where they hold something."""

    def __init__(self, files: Files, seed: int) -> None:
        self._files = files
        self._random = random.Random(seed)  # noqa: S311 - to be repeatable
        self._places = {
            name: [at for at, byte in enumerate(content) if byte] or [0]
            for name, content in files.contents.items()
        }
        cache = files.opened().cache
        self._records = [
            (f"data_{address.file}", BLOCK_HEADER + address.block * width, size)
            for entry in cache.entries
            for address, width, size in ((entry.address, 256, 96), (entry.node_address, 36, 36))
        ]
        self._names = [name for name in files.contents if not name.startswith("f_")]

    def __call__(self) -> Files:
        """Give the files with one to three kinds of damage; those without any are shared."""
        rand = self._random
        contents = dict(self._files.contents)
        if rand.random() < 0.5:
            self._damage_record(contents)
            if rand.random() < 0.5:
                return Files(contents)
        for _ in range(rand.randint(1, 3)):
            # Mostly small files: large ones hold bodies, of which most bytes mean nothing.
            name = rand.choices(
                self._names, [6 if n in ("index", "data_0", "data_1") else 1 for n in self._names]
            )[0]
            content = contents[name] = bytearray(contents[name])
            at = rand.choice(self._places[name])
            if rand.random() < 0.4:  # a header, where the most depends on every bit
                at = rand.randrange(INDEX_HEADER if name == "index" else 80)
            damage = rand.randrange(6)
            if damage <= 1 and at < len(content):
                content[at] ^= 1 << rand.randrange(8)
            elif damage == 2:
                at &= ~3
                content[at : at + 4] = rand.choice(INTERESTING).to_bytes(4, "little")
            elif damage == 3:
                del content[rand.randrange(len(content)) :]
            elif damage == 4:
                other = rand.choice(self._places[name])
                size = rand.choice((4, 36, 96, 256, 1024))
                content[at : at + size] = content[other : other + size]
            else:
                content[at : at + 4] = rand.randbytes(4)
        if rand.random() < 0.02:
            contents.pop(rand.choice([*contents]))
        return Files(contents)

    def _damage_record(self, contents: dict[str, bytearray]) -> None:
        """Change a number in a record, and its hash along with it."""
        rand = self._random
        name, offset, size = rand.choice(self._records)
        content = contents[name] = bytearray(contents[name])
        at = offset + rand.randrange((size - 4) // 4) * 4
        other, start, _ = rand.choice(self._records)
        content[at : at + 4] = rand.choice(
            (
                rand.choice(INTERESTING).to_bytes(4, "little"),
                self._files.contents[other][start + 4 : start + 8],
                self._files.contents[other][start + 16 : start + 20],
                (int.from_bytes(content[at : at + 4], "little") ^ 1 << rand.randrange(32)).to_bytes(
                    4, "little"
                ),
            )
        )
        end = offset + size - 4
        content[end : end + 4] = super_fast_hash(bytes(content[offset:end])).to_bytes(4, "little")


def fuzz_blocks(inputs: int, seed: int = 0) -> Counter[str]:
    """Take damaged block-file caches apart."""
    mutate = Mutator(small_block_cache(), seed)
    outcomes: Counter[str] = Counter()
    for _ in range(inputs):
        files = mutate()
        begun = time.monotonic()
        outcomes[_take_apart(files)] += 1
        assert time.monotonic() - begun < SLOWEST_SECONDS
    return outcomes


def _take_apart(files: Files) -> str:
    try:
        opened = files.opened()
        cache = opened.cache
        before = _survivors(cache)
        remove(cache, addresses(cache, is_target))
        zero_unused(cache)
        left = opened.saved()
    except BlockCacheError:
        return "refused"
    after = left.opened().cache
    assert contents_of(after) == before, "an entry of another site changed"
    return "taken apart"


def _survivors(cache: BlockCache) -> dict[bytes, tuple[object, ...]]:
    return {key: held for key, held in contents_of(cache).items() if not is_target(key)}


def fuzz_simple(inputs: int, seed: int = 0) -> Counter[str]:
    """Read damaged files of simple caches: entries, and the index that lists them."""
    rand = random.Random(seed)  # noqa: S311 - to be repeatable
    with TemporaryDirectory() as scratch:
        cache = unpack("chromium-156", Path(scratch) / "home").cache / "Cache/Cache_Data"
        samples = [path.read_bytes() for path in sorted(cache.glob("*_[01s]"))[:40]]
        samples += [(cache / "index-dir/the-real-index").read_bytes()] * 4
    outcomes: Counter[str] = Counter()
    for _ in range(inputs):
        data = bytearray(rand.choice(samples))
        for _ in range(rand.randint(1, 3)):
            at = rand.randrange(len(data) or 1)
            damage = rand.randrange(4)
            if damage == 0 and data:
                data[at] ^= 1 << rand.randrange(8)
            elif damage == 1:
                data[at : at + 4] = rand.choice(INTERESTING).to_bytes(4, "little")
            elif damage == 2:
                del data[at:]
            else:
                other = rand.choice(samples)
                data[at:] = other[rand.randrange(len(other)) :]
        outcomes[_read_simple(bytes(data))] += 1
    return outcomes


def _read_simple(data: bytes) -> str:
    readers: tuple[Callable[[], object], ...] = (
        lambda: simple_cache.read_key(io.BytesIO(data)),
        lambda: simple_cache.parse_entry(io.BytesIO(data)),
        lambda: simple_cache_index.parse_index(data),
    )
    read = 0
    for reader in readers:
        try:
            reader()
            read += 1
        except simple_cache.SimpleCacheError:
            continue
    return "read in part" if read else "refused"


FUZZERS = {"blocks": fuzz_blocks, "simple": fuzz_simple}


def main() -> None:
    """Fuzz as the command line says, and tell what came of it."""
    kind, inputs, *seed = sys.argv[1:]
    begun = time.monotonic()
    outcomes = FUZZERS[kind](int(inputs), int(seed[0]) if seed else 0)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"{kind}: {dict(outcomes)} in {time.monotonic() - begun:.0f} s, {used} MB\n")


if __name__ == "__main__":
    main()
