"""Declared JSON documents: the site's members go, nothing else changes, and they come back."""

import base64
import hashlib
import json
import struct
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loginfix.errors import DamagedFileError, ProfileUnreadableError
from loginfix.files.tree import Tree
from loginfix.stores.json.store import JsonStore
from loginfix.stores.model import Category, Finding, Identity, Place, Restored, Root, State, Store
from store_doubles import WISH, DirectWorkspace, MemoryBackup

IDENTITY = Identity("chromium.test", "Test", Category.PERMISSIONS)
SETTINGS = {"path": "settings.*", "site": [{"key": "content_setting"}]}
SERVERS = {
    "path": "servers[server,key]",
    "site": [{".server": "url", ".key": "network_key"}],
}
ALTERNATIVES = {"path": "servers[server,key].other[]", "site": [{".host": "host"}]}
BLOBS = {"path": "blobs.*", "mentions": True}


def pickled(site: str) -> str:
    """A serialised site, as url/origin.cc writes it."""
    text = site.encode()
    body = struct.pack("<I", len(text)) + text + bytes(-len(text) % 4)
    return base64.b64encode(struct.pack("<I", len(body)) + body).decode()


class Bench:
    """A document on disk, and stores that work on it."""

    def __init__(self, folder: Path, content: str | bytes, name: str = "Preferences") -> None:
        self.scratch = folder / "scratch"
        self.path = folder / "profile" / name
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.write(content)
        self.place = Place(Tree(self.path.parent), Root.PROFILE, name)

    def write(self, content: str | bytes) -> None:
        self.path.write_bytes(content.encode() if isinstance(content, str) else content)

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @property
    def value(self) -> Any:
        return json.loads(self.text)

    def clear(self, *stores: Store) -> list[tuple[Store, MemoryBackup, Finding]]:
        """Clear with all stores in one run."""
        work = DirectWorkspace(self.path.parent, self.scratch)
        done = []
        for store in stores:
            backup = MemoryBackup()
            done.append((store, backup, store.clear(self.place, WISH, work, backup)))
        work.apply()
        return done

    def restore(
        self, done: list[tuple[Store, MemoryBackup, Finding]], *, overwrite: bool = False
    ) -> list[Restored]:
        """Restore in the order in which a run does."""
        work = DirectWorkspace(self.path.parent, self.scratch)
        results = [
            store.restore(self.place, backup, work, overwrite=overwrite)
            for store, backup, finding in reversed(done)
            if finding.state is State.FOUND
        ]
        work.apply()
        return results


def store(*rules: Mapping[str, Any], **more: Any) -> JsonStore:
    return JsonStore.declared(IDENTITY, {"drop": rules, **more})


PREFERENCES = (
    '{"a":"1234567890123456789","settings":{"*,https://[*.]amazon.com":{"setting":1},'
    '"https://aws.amazon.com:443,*":{"x":1.50},"https://www.amazon.co.jp:443,*":{"x":2},'
    '"https://www.notamazon.com:443,*":{"x":[]},"[*.]amazon.com,*":{}},"z":1e5,"\\u007a2":"\\/"}'
)


def test_members_go_by_either_pattern_and_the_rest_is_as_written(tmp_path: Path) -> None:
    bench = Bench(tmp_path, PREFERENCES)
    ((_, _, finding),) = done = bench.clear(store(SETTINGS))
    assert bench.text == (
        '{"a":"1234567890123456789","settings":{"https://aws.amazon.com:443,*":{"x":1.50},'
        '"https://www.notamazon.com:443,*":{"x":[]}},"z":1e5,"\\u007a2":"\\/"}'
    )
    assert (finding.state, finding.items) == (State.FOUND, 3)
    assert finding.hosts == {"amazon.com": 2, "www.amazon.co.jp": 1}
    assert store(SETTINGS).find(bench.place, WISH).state is State.CLEAN
    assert [result.restored for result in bench.restore(done)] == [3]
    assert bench.text == PREFERENCES
    assert [result.unchanged for result in bench.restore(done)] == [3]
    assert bench.text == PREFERENCES


def test_several_stores_edit_one_file_in_one_run_and_it_comes_back_to_the_byte(
    tmp_path: Path,
) -> None:
    text = '{\n "blobs": {"q": "see amazon.com"},\n "settings": {"amazon.com,*": 1, "b,c": 2}}\n'
    bench = Bench(tmp_path, text)
    done = bench.clear(store(SETTINGS), store({"path": "other.*", "mentions": True}), store(BLOBS))
    assert [finding.state for _, _, finding in done] == [State.FOUND, State.CLEAN, State.FOUND]
    assert bench.text == '{\n "blobs": {},\n "settings": {"b,c": 2}}\n'
    bench.restore(done)
    assert bench.text == text


def test_one_category_alone_comes_back_where_it_was(tmp_path: Path) -> None:
    bench = Bench(tmp_path, '{"blobs":{"q":"amazon.com"},"settings":{"a,b":1,"amazon.com,*":2}}')
    done = bench.clear(store(SETTINGS), store(BLOBS))
    bench.restore(done[:1])
    assert bench.text == '{"blobs":{},"settings":{"a,b":1,"amazon.com,*":2}}'


NETWORK = {
    "servers": [
        {"server": "https://x.example", "key": [], "other": [{"host": "www.amazon.com"}, {"p": 1}]},
        {"server": "https://www.amazon.com", "key": []},
        {"server": "https://cdn.example", "key": [pickled("https://amazon.co.jp"), False, 0]},
        {"server": "https://signin.aws.amazon.com", "key": [pickled("https://amazon.com"), False]},
        {"server": "https://cdn.example", "key": [pickled("https://x.example"), False]},
    ]
}


def test_elements_go_by_host_or_partition_and_from_inside_of_others(tmp_path: Path) -> None:
    bench = Bench(tmp_path, json.dumps(NETWORK))
    done = bench.clear(store(SERVERS, ALTERNATIVES))
    left = [(each["server"], each.get("other")) for each in bench.value["servers"]]
    assert left == [
        ("https://x.example", [{"p": 1}]),
        ("https://signin.aws.amazon.com", None),
        ("https://cdn.example", None),
    ]
    assert done[0][2].details == {"entries": 3}
    bench.restore(done)
    assert bench.text == json.dumps(NETWORK)


def test_what_goes_whole_is_not_also_searched_inside(tmp_path: Path) -> None:
    text = json.dumps(
        {
            "servers": [
                {"server": "https://amazon.com", "other": [{"host": "amazon.com"}]},
                {"server": "https://b.example", "other": [{"host": "amazon.com"}]},
                {"server": "https://www.amazon.com", "other": [{"host": "c.example"}]},
            ]
        }
    )
    bench = Bench(tmp_path, text)
    done = bench.clear(store(ALTERNATIVES, SERVERS))
    assert bench.value == {"servers": [{"server": "https://b.example", "other": []}]}
    bench.restore(done)
    assert bench.text == text


def test_after_browsing_on_the_newer_stays_unless_overwritten(tmp_path: Path) -> None:
    bench = Bench(tmp_path, json.dumps(NETWORK))
    done = bench.clear(store(SERVERS, ALTERNATIVES))
    since = bench.value
    newer = {"server": "https://www.amazon.com", "key": [], "rtt": 5}
    since["servers"] = [newer, *since["servers"][1:]]  # x.example is forgotten
    bench.write(json.dumps(since))
    (result,) = bench.restore(done)
    assert (result.restored, result.unchanged) == (1, 0)
    assert len(result.kept_newer) == 1
    assert "www.amazon.com" in result.kept_newer[0]
    assert [problem.code for problem in result.problems] == ["nothing-to-belong-to"]
    servers = bench.value["servers"]
    assert newer in servers
    assert NETWORK["servers"][2] in servers
    assert len(servers) == 4
    bench.restore(done, overwrite=True)
    assert NETWORK["servers"][1] in bench.value["servers"]
    assert newer not in bench.value["servers"]


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("{}", '{"settings":{"amazon.com,*":1,"b.amazon.com,*":2}}'),
        ('{"x":1}', '{"x":1,"settings":{"amazon.com,*":1,"b.amazon.com,*":2}}'),
        ('{"settings":{}}', '{"settings":{"amazon.com,*":1,"b.amazon.com,*":2}}'),
        ('{"settings":{"m":0}}', '{"settings":{"m":0,"amazon.com,*":1,"b.amazon.com,*":2}}'),
        (
            '{"settings":{"k":0,"m":0}}',
            '{"settings":{"k":0,"amazon.com,*":1,"b.amazon.com,*":2,"m":0}}',
        ),
    ],
)
def test_what_became_of_its_surroundings_does_not_matter(
    now: str, then: str, tmp_path: Path
) -> None:
    bench = Bench(tmp_path, '{"settings":{"k":9,"amazon.com,*":1,"b.amazon.com,*":2}}')
    done = bench.clear(store(SETTINGS))
    bench.write(now)
    (result,) = bench.restore(done)
    assert (result.restored, result.problems) == (2, ())
    assert bench.text == then


def test_surroundings_of_another_kind_are_left_alone(tmp_path: Path) -> None:
    bench = Bench(tmp_path, '{"settings":{"amazon.com,*":1}}')
    done = bench.clear(store(SETTINGS))
    bench.write('{"settings":[1]}')
    (result,) = bench.restore(done)
    assert result.restored == 0
    assert [problem.code for problem in result.problems] == ["nothing-to-belong-to"]
    assert bench.text == '{"settings":[1]}'


def test_a_file_that_is_gone_cannot_take_anything_back(tmp_path: Path) -> None:
    bench = Bench(tmp_path, '{"settings":{"amazon.com,*":1}}')
    done = bench.clear(store(SETTINGS))
    bench.path.unlink()
    with pytest.raises(ProfileUnreadableError, match="is not there"):
        bench.restore(done)


@pytest.mark.parametrize(
    "content",
    [
        '{"settings":{"amazon.com,*":1},"settings":{}}',
        '\ufeff{"settings":{"amazon.com,*":1}}',
        '{"settings":{"amazon.com,*":1}} {}',
        '{"settings":{"amazon.com,*":',
        b'{"settings":{"amazon.com,*":"\xff"}}',
        "[" * 100_000,
    ],
)
def test_what_is_not_understood_is_left_alone(content: str | bytes, tmp_path: Path) -> None:
    bench = Bench(tmp_path, content)
    with pytest.raises(DamagedFileError) as caught:
        store(SETTINGS).find(bench.place, WISH)
    assert str(bench.path) in caught.value.message
    assert caught.value.next_step
    with pytest.raises(DamagedFileError):
        bench.clear(store(SETTINGS))


def test_an_empty_file_and_other_shapes_hold_nothing(tmp_path: Path) -> None:
    for content in ("", "[]", "1", '{"settings":["amazon.com,*"]}', '{"settings":"amazon.com"}'):
        bench = Bench(tmp_path, content)
        assert store(SETTINGS, SERVERS).find(bench.place, WISH).state is State.CLEAN
        assert bench.clear(store(SETTINGS))[0][2].state is State.CLEAN
        assert bench.text == content


def test_a_version_that_is_not_known_is_refused_where_it_matters(tmp_path: Path) -> None:
    versioned = store(SETTINGS, version={"at": "about.version", "known": [2]})
    for content in ('{"settings":{"b,c":1},"about":{"version":3}}', '{"settings":{"b,c":1}}'):
        with pytest.raises(DamagedFileError, match="version"):
            versioned.find(Bench(tmp_path, content).place, WISH)
    for content in ('{"settings":{},"about":{"version":3}}', "{}"):
        assert versioned.find(Bench(tmp_path, content).place, WISH).state is State.CLEAN
    known = Bench(tmp_path, '{"settings":{"amazon.com,*":1},"about":{"version":2}}')
    assert versioned.find(known.place, WISH).state is State.FOUND


@pytest.mark.parametrize(
    ("value", "goes"),
    [
        ('"https:\\/\\/www.amazon.com\\/gp"', True),
        ('["x",{"u":"\\u0061mazon.co.jp"}]', True),
        (json.dumps(base64.b64encode(b"\x0a\x10www.amazon.com\x10\xbb\x03").decode()), True),
        ('"notamazon.com amazon.com.evil.example aws.amazon.com"', False),
        ('"AAAAAAAAAAAAAAAAAAAAA"', False),
    ],
)
def test_a_mention_is_found_however_it_is_written(value: str, goes: bool, tmp_path: Path) -> None:  # noqa: FBT001
    bench = Bench(tmp_path, f'{{"blobs":{{"q":{value},"r":1}}}}')
    bench.clear(store(BLOBS))
    assert ("q" in bench.value["blobs"]) is not goes
    assert "r" in bench.value["blobs"]


HOSTS = st.sampled_from(
    ["amazon.com", "www.amazon.com", "aws.amazon.com", "a.example", "b.example", "notamazon.com"]
)
PAIRS = st.builds("{},{}".format, HOSTS, st.sampled_from(["*", "amazon.co.jp", "c.example"]))
NUMBERED = st.dictionaries(PAIRS, st.integers(0, 9) | st.text(max_size=3), max_size=8)
ELEMENTS = st.lists(
    st.fixed_dictionaries(
        {"server": HOSTS.map("https://{}".format), "key": st.just([])},
        optional={"n": st.integers(0, 9)},
    ),
    max_size=6,
    unique_by=lambda each: each["server"],
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NUMBERED, ELEMENTS, st.sampled_from([None, 1]))
def test_whatever_is_in_it_comes_back_to_the_byte(
    tmp_path: Path, members: dict[str, Any], servers: list[Any], indent: int | None
) -> None:
    text = json.dumps({"settings": members, "servers": servers, "n": 1}, indent=indent)
    bench = Bench(tmp_path, text)
    done = bench.clear(store(SETTINGS), store(SERVERS, ALTERNATIVES))
    left = bench.value

    def owned(host: str) -> bool:
        return host.endswith("amazon.com") and host not in ("aws.amazon.com", "notamazon.com")

    expected = {
        key: value
        for key, value in members.items()
        if not owned(key.partition(",")[0])
        and (key.startswith("aws.") or not key.endswith("amazon.co.jp"))
    }
    assert list(left["settings"].items()) == list(expected.items())
    assert left["servers"] == [s for s in servers if not owned(s["server"][8:])]
    bench.restore(done)
    assert bench.text == text


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NUMBERED, NUMBERED, st.booleans())
def test_merging_loses_nothing_of_either_side(
    tmp_path: Path,
    then: dict[str, Any],
    since: dict[str, Any],
    overwrite: bool,  # noqa: FBT001
) -> None:
    bench = Bench(tmp_path, json.dumps({"settings": then}))
    done = bench.clear(store(SETTINGS))
    removed = {key: value for key, value in then.items() if key not in bench.value["settings"]}
    bench.write(json.dumps({"settings": since}))
    bench.restore(done, overwrite=overwrite)
    first, second = (since, removed) if overwrite else (removed, since)
    assert bench.value["settings"] == {**first, **second}


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"drop": [{"path": "a.*"}]}, "needs 'site' or 'mentions'"),
        ({"drop": [{"path": "a..b", "mentions": True}]}, "is not a path"),
        ({"drop": [{"path": "a[b", "mentions": True}]}, "is not a path"),
        ({"drop": [{"path": "a.*", "site": [{"key": "nonsense"}]}]}, "unknown form"),
        ({"drop": [{"path": "a.*", "site": [{"keys": "url"}]}]}, "'keys' is not"),
        ({"drop": [{"path": "a", "mentions": True, "x": 1}]}, "unknown key 'x'"),
        ({"drop": [{"path": "a", "mentions": True}], "hosts_from": ["x"]}, "hosts_from"),
    ],
)
def test_a_wrong_declaration_says_what_is_wrong(declared: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        JsonStore.declared(IDENTITY, declared)


def test_a_hashed_host_is_recognised_where_anything_names_it(tmp_path: Path) -> None:
    def hashed(host: str) -> str:
        wire = b"".join(bytes([len(label)]) + label.encode() for label in host.split("."))
        return base64.b64encode(hashlib.sha256(wire + b"\0").digest()).decode()

    hsts = store(
        {"path": "sts[host]", "site": [{".host": "transport_security_host"}]},
        hosts_from=["Bookmarks", "not there"],
    )
    hosts = (
        *("amazon.com", "www.amazon.com", "aws.amazon.com", "b.example"),  # declared, or not ours
        *("a.deep.amazon.com", "deep.amazon.com"),  # the run has found the first
        *("glued.amazon.co.jp", "unknown.amazon.com"),
    )
    entries = [{"host": hashed(host), "n": host} for host in hosts]
    bench = Bench(tmp_path, json.dumps({"sts": entries}))
    bench.path.with_name("Bookmarks").write_bytes(b"\x01textglued.amazon.co.jp/\x00")
    wish = replace(WISH, hosts=frozenset({"a.deep.amazon.com", "b.example"}))
    work = DirectWorkspace(bench.path.parent, bench.scratch)
    hsts.clear(bench.place, wish, work, MemoryBackup())
    work.apply()
    left = [entry["n"] for entry in bench.value["sts"]]
    assert left == ["aws.amazon.com", "b.example", "unknown.amazon.com"]


def test_thousands_of_members_in_thousands_of_places_are_merged_at_once(tmp_path: Path) -> None:
    count = 3000
    servers = [
        {"server": f"https://h{i}.example", "key": [], "other": [{"host": "amazon.com"}, {"n": i}]}
        for i in range(count)
    ]
    text = json.dumps({"servers": servers})
    bench = Bench(tmp_path, text)
    done = bench.clear(store(ALTERNATIVES))
    since = bench.value
    since["servers"].insert(0, {"server": "https://new.example", "key": []})
    bench.write(json.dumps(since))
    began = time.monotonic()
    (result,) = bench.restore(done)
    assert time.monotonic() - began < 20  # seconds; looking for each place anew takes minutes
    assert result.restored == count
    assert bench.value == {"servers": [since["servers"][0], *servers]}


def test_of_what_is_made_anew_everything_is_made(tmp_path: Path) -> None:
    rules = (
        {"path": "a.b.*", "site": [{"key": "url"}]},
        {"path": "a.list[]", "site": [{"value": "url"}]},
        {"path": "a.deep.list[x].*", "site": [{"key": "url"}]},
    )
    own = "https://amazon.com/"
    text = json.dumps(
        {"a": {"b": {own: 1}, "list": [own], "deep": {"list": [{"x": 1, own: 2}, {"x": 2}]}}}
    )
    bench = Bench(tmp_path, text)
    done = bench.clear(store(*rules))
    bench.write('{"z":0}')
    (result,) = bench.restore(done)
    assert bench.value == {"z": 0, "a": {"b": {own: 1}, "list": [own]}}
    assert result.restored == 2
    assert [problem.message.split()[0] for problem in result.problems] == ["1"]
    bench.write('{"a":{"deep":{"list":[{"x":2},{"x":1}]}}}')
    (result,) = bench.restore(done)
    assert bench.value["a"]["deep"] == {"list": [{"x": 2}, {"x": 1, own: 2}]}
    assert result.problems == ()
