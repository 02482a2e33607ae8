"""Slots of Firefox's tables: the site's are emptied, the others untouched, and they come back."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from loginfix.errors import DamagedFileError, NotUnderstoodError
from loginfix.formats.data_storage import MAX_SLOTS, build_slot, slot_size, slots
from loginfix.stores.model import Category, Finding, Identity, Place, Restored, State
from loginfix.stores.slots import SlotsStore
from store_doubles import WISH, MemoryBackup, place_of, workspace_for

IDENTITY = Identity("firefox.test", "Test", Category.SECURITY)
HSTS = SlotsStore.declared(IDENTITY, {"value_size": 24, "key": "host_attributes"})
ALT_SVC = SlotsStore.declared(
    IDENTITY, {"value_size": 1024, "key": "alt_svc_key", "value": "alt_svc_value"}
)
OTHER = "www.example.com^partitionKey=%28https%2Cexample.com%29"
AWS = "signin.aws.amazon.com^partitionKey=%28https%2Camazon.com%29"
SHOP = "www.amazon.com^partitionKey=%28https%2Camazon.com%29"
OLD = "amazon.co.jp:HSTS"
INSIDE = "cdn.example^partitionKey=%28https%2Camazon.com%29"


def slot(key: str, value: str = "1858566999139,1,0", size: int = 24) -> bytes:
    return build_slot(key.encode(), value.encode(), value_size=size, score=1, day=20000)


class Bench:
    def __init__(self, folder: Path, content: Iterable[bytes], store: SlotsStore = HSTS) -> None:
        self.store = store
        self.path = folder / "profile" / "table.bin"
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_bytes(b"".join(content))
        self.scratch = folder / "scratch"

    @property
    def place(self) -> Place:
        return place_of(self.path)

    @property
    def keys(self) -> list[str]:
        found = slots(self.path.read_bytes(), self.store.value_size)
        return [each.key.decode() for each in found]

    def clear(self) -> tuple[MemoryBackup, Finding]:
        place, backup = self.place, MemoryBackup()
        work = workspace_for(place, self.scratch)
        finding = self.store.clear(place, WISH, work, backup)
        work.apply()
        return backup, finding

    def restore(self, backup: MemoryBackup, *, overwrite: bool = False) -> Restored:
        place = self.place
        work = workspace_for(place, self.scratch)
        restored = self.store.restore(place, backup, work, overwrite=overwrite)
        work.apply()
        return restored


def test_the_sites_slots_are_emptied_and_come_back_to_the_byte(tmp_path: Path) -> None:
    content = [slot(OTHER), slot(SHOP), bytes(slot_size(24)), slot(AWS), slot(OLD), slot(INSIDE)]
    bench = Bench(tmp_path, content)
    before = bench.path.read_bytes()
    backup, finding = bench.clear()
    assert (finding.state, finding.items) == (State.FOUND, 3)
    assert finding.hosts == {"amazon.co.jp": 1, "cdn.example": 1, "www.amazon.com": 1}
    assert bench.keys == [OTHER, AWS]
    assert b"www.amazon" not in bench.path.read_bytes()
    assert len(bench.path.read_bytes()) == len(before)
    assert HSTS.find(bench.place, WISH).state is State.CLEAN
    assert bench.restore(backup).restored == 3
    assert bench.path.read_bytes() == before
    assert bench.restore(backup).unchanged == 3


def test_an_alternative_host_counts_too_but_not_for_what_is_excluded(tmp_path: Path) -> None:
    def service(origin: str, other: str) -> bytes:
        key = f"https:{origin}:443:.:^partitionKey=%28https%2C{origin}%29:3"
        return slot(key, f"https:{origin}:443:{other}:443::n:17:h3:y:1:n::|", 1024)

    content = [
        service("a.example", "b.example"),
        service("c.example", "cdn.amazon.com"),
        service("amazon.com", "amazon.com"),
        service("aws.amazon.com", "cdn.amazon.com"),
    ]
    bench = Bench(tmp_path, content, ALT_SVC)
    _, finding = bench.clear()
    assert finding.hosts == {"amazon.com": 1, "cdn.amazon.com": 1}
    assert [key.split(":")[1] for key in bench.keys] == ["a.example", "aws.amazon.com"]


def test_what_firefox_has_learned_since_stays(tmp_path: Path) -> None:
    bench = Bench(tmp_path, [slot(OTHER), slot(SHOP), slot(OLD)])
    backup, _ = bench.clear()
    newer = slot(SHOP, "1999999999999,1,0")
    bench.path.write_bytes(slot(OTHER) + newer + slot("b.example"))
    result = bench.restore(backup)
    assert (result.restored, result.kept_newer) == (1, (SHOP,))
    assert bench.keys == [OTHER, SHOP, "b.example", OLD]
    assert newer in bench.path.read_bytes()
    assert bench.restore(backup, overwrite=True).restored == 1
    assert bench.keys == [OTHER, SHOP, "b.example", OLD]
    assert newer not in bench.path.read_bytes()


def test_a_full_table_takes_no_more_and_the_report_says_so(tmp_path: Path) -> None:
    bench = Bench(tmp_path, [slot(SHOP)])
    backup, _ = bench.clear()
    bench.path.write_bytes(b"".join(slot(f"h{i}.example") for i in range(MAX_SLOTS)))
    result = bench.restore(backup)
    assert result.restored == 0
    assert [problem.code for problem in result.problems] == ["no-room"]
    assert len(bench.keys) == MAX_SLOTS


def test_a_damaged_slot_goes_when_the_site_is_named_in_it(tmp_path: Path) -> None:
    def damaged(key: str) -> bytes:
        raw = slot(key)
        return bytes([raw[0] ^ 1]) + raw[1:]

    torn = "\x01\x02www.amazon.com"  # nothing that begins like a host
    bench = Bench(tmp_path, [slot(OTHER), damaged(torn), damaged("b.example")])
    before = bench.path.read_bytes()
    backup, finding = bench.clear()
    assert finding.items == 1
    assert bench.keys == [OTHER, "b.example"]
    bench.restore(backup)
    assert bench.path.read_bytes() == before


def test_what_is_no_table_is_left_alone(tmp_path: Path) -> None:
    for content in (b"amazon.com", slot(SHOP)[:-1], slot(SHOP, size=1024) * 143):
        bench = Bench(tmp_path, [content])
        with pytest.raises(DamagedFileError, match=r"table\.bin"):
            bench.clear()
        assert bench.path.read_bytes() == content
    bench = Bench(tmp_path, [bytes(slot_size(24) * (MAX_SLOTS + 1))])
    with pytest.raises(NotUnderstoodError, match="larger"):
        HSTS.find(bench.place, WISH)


def test_an_empty_table_holds_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, [])
    assert bench.clear()[1].state is State.CLEAN


@pytest.mark.parametrize("form", ["key", "value"])
def test_an_unknown_form_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match="unknown form 'x'"):
        SlotsStore.declared(IDENTITY, {"value_size": 1, "key": "url", form: "x"})
