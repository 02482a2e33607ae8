"""What recorded documents hold after a clear, told without the code under test."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loginfix.cli.program import main
from loginfix.stores import catalog
from oracle import Oracle
from recorder.recordings import names, unpack
from test_recorded_profiles import clear, loginfix

CHROMIUM = [name for name in names() if name.startswith("chromium")]

Unpacked = Callable[[str], Oracle]


@pytest.fixture
def unpacked(tmp_path: Path) -> Unpacked:
    return lambda name: Oracle(unpack(name, tmp_path / name))


def hashed(host: str) -> str:
    """RFC 1035 § 3.1, then SHA-256, then Base64."""
    wire = b"".join(bytes([len(label)]) + label.encode() for label in host.split(".")) + b"\0"
    return base64.b64encode(hashlib.sha256(wire).digest()).decode()


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value that has no members, with the keys that lead to it, in their order."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    else:
        yield path, value


def pattern_hosts(key: str) -> list[str]:
    """The hosts of a pair of content-setting patterns."""
    return [
        part.rpartition("://")[2].removeprefix("[*.]").rpartition(":")[0]
        if ":" in part.rpartition("://")[2]
        else part.rpartition("://")[2].removeprefix("[*.]")
        for part in key.split(",")
    ]


@pytest.mark.parametrize("name", CHROMIUM)
def test_of_the_preferences_exactly_the_targets_settings_go(name: str, unpacked: Unpacked) -> None:
    oracle = unpacked(name)
    path = oracle.recording.profile / "Preferences"
    before = json.loads(path.read_text("utf-8"))
    clear(oracle)
    after = json.loads(path.read_text("utf-8"))
    kept = dict(leaves(after))
    gone = [where for where, _ in leaves(before) if where not in kept and where[-1] != "exceptions"]
    settings = before["profile"]["content_settings"]["exceptions"]
    keys = [
        (kind, key)
        for kind, entries in settings.items()
        if isinstance(entries, dict)
        for key in entries
    ]
    expected = {(kind, key) for kind, key in keys if any(map(oracle.is_target, pattern_hosts(key)))}
    assert len(expected) > 15
    assert {where[3:5] for where in gone} == expected
    assert all(where[:3] == ("profile", "content_settings", "exceptions") for where in gone)
    # Everything else is as it was, in the same order; types may have become empty.
    order = [where for where, _ in leaves(before) if where not in gone]
    assert [where for where in kept if where in dict(leaves(before))] == order
    assert all(kept[where] == value for where, value in leaves(before) if where not in gone)
    assert after["protection"] == before["protection"]
    text = path.read_text("utf-8")
    assert not any(domain in text for domain in ("primevideo.com", "sellercentral"))


@pytest.mark.parametrize("name", CHROMIUM)
def test_of_the_hashed_hosts_exactly_the_targets_go(name: str, unpacked: Unpacked) -> None:
    oracle = unpacked(name)
    path = oracle.recording.profile / "TransportSecurity"
    if not path.exists():
        assert not oracle.recording.manifest.clean
        return
    hosts = {hashed(host.partition(":")[0]): host for host in oracle.recording.manifest.hosts}
    before = json.loads(path.read_text("utf-8"))
    assert all(entry["host"] in hosts for entry in before["sts"])
    clear(oracle)
    after = json.loads(path.read_text("utf-8"))
    kept = [entry for entry in before["sts"] if not oracle.is_target(hosts[entry["host"]])]
    assert len(before["sts"]) - len(kept) >= 6
    assert len(kept) > 10
    assert after == {**before, "sts": kept}


FIREFOX = [name for name in names() if name.startswith("firefox")]


def test_of_firefoxs_secure_hosts_exactly_the_targets_go(unpacked: Unpacked) -> None:
    oracle = unpacked("firefox-esr-153-killed")
    path = oracle.recording.profile / "SiteSecurityServiceState.bin"
    size = 286  # 2 bytes each for checksum, score and day; 256 for the key; 24 for the value

    def taken() -> dict[int, bytes]:
        data = path.read_bytes()
        cut = {i: data[i * size : (i + 1) * size] for i in range(len(data) // size)}
        return {i: slot for i, slot in cut.items() if any(slot)}

    before = taken()
    clear(oracle)
    kept = {
        i: slot
        for i, slot in before.items()
        if not oracle.is_target(slot[6:262].partition(b"^")[0].decode())
    }
    assert len(before) - len(kept) >= 6
    assert len(kept) > 10
    assert taken() == kept


@pytest.mark.parametrize("name", FIREFOX)
def test_documents_that_no_tour_fills_are_cleared_in_place(name: str, unpacked: Unpacked) -> None:
    oracle = unpacked(name)
    profile = oracle.recording.profile
    site, other = "https://www.amazon.co.jp", "https://www.example.com"
    files = {
        "downloads.json": {"list": [{"source": {"url": f"{s}/f"}} for s in (site, other)]},
        "notificationstore.json": {site: {"1": {"title": "a"}}, other: {"2": {"title": "b"}}},
    }
    for file, value in files.items():
        (profile / file).write_text(json.dumps(value), "utf-8")
    (profile / "cert_override.txt").write_text("# own\nwww.amazon.com:443\tOID\tAA\t\n", "utf-8")
    (profile / "enumerate_devices.txt").write_text(f"1\nAA 1 {site}\nBB 2 {other}\n", "utf-8")
    before = {path: path.read_bytes() for path in profile.iterdir() if path.is_file()}
    clear(oracle)
    assert json.loads((profile / "downloads.json").read_text()) == {
        "list": files["downloads.json"]["list"][1:]  # type: ignore[index]
    }
    assert list(json.loads((profile / "notificationstore.json").read_text())) == [other]
    assert (profile / "enumerate_devices.txt").read_text() == f"1\nBB 2 {other}\n"
    assert "www.amazon.com" in (profile / "cert_override.txt").read_text()
    loginfix(oracle.recording, "restore", "--yes")
    for file in (*files, "enumerate_devices.txt", "cert_override.txt"):
        assert (profile / file).read_bytes() == before[profile / file], file
    clear(oracle, "--only", "security")
    assert (profile / "cert_override.txt").read_text() == "# own\n"


@pytest.mark.parametrize("name", CHROMIUM)
def test_the_persons_own_decisions_go_only_when_asked_for(name: str, unpacked: Unpacked) -> None:
    oracle = unpacked(name)
    path = oracle.recording.profile / "Preferences"
    document = json.loads(path.read_text("utf-8"))
    settings = document["profile"]["content_settings"]["exceptions"]
    own = {
        "https://www.amazon.com:443,*": {"setting": 1},
        "https://www.example.com:443,*": {"setting": 2},
        "https://www.example.org:443,[*.]amazon.co.jp": {"setting": 1},
        "https://signin.aws.amazon.com:443,*": {"setting": 1},
    }
    settings["notifications"] = settings["kind_of_a_later_version"] = own
    document["custom_handlers"] = {
        "registered_protocol_handlers": [
            {"protocol": "mailto", "url": "https://www.amazon.com/?m=%s"},
            {"protocol": "mailto", "url": "https://www.example.org/?m=%s"},
        ]
    }
    path.write_text(json.dumps(document, separators=(",", ":")), "utf-8")
    before = path.read_bytes()
    clear(oracle)
    kept = json.loads(path.read_text("utf-8"))
    assert kept["profile"]["content_settings"]["exceptions"]["notifications"] == own
    assert kept["custom_handlers"] == document["custom_handlers"]
    clear(oracle, "--only", "permissions")
    kept = json.loads(path.read_text("utf-8"))
    for kind in ("notifications", "kind_of_a_later_version"):
        assert list(kept["profile"]["content_settings"]["exceptions"][kind]) == [
            "https://www.example.com:443,*",
            "https://signin.aws.amazon.com:443,*",
        ]
    assert kept["custom_handlers"]["registered_protocol_handlers"] == [
        {"protocol": "mailto", "url": "https://www.example.org/?m=%s"}
    ]
    loginfix(oracle.recording, "restore", "--yes")
    first = loginfix(oracle.recording, "backups", "list")["data"]["backups"]
    oldest = min(first, key=lambda backup: backup["id"])["id"]
    loginfix(oracle.recording, "restore", oldest, "--yes")
    assert path.read_bytes() == before


def test_of_two_stores_in_one_object_each_finds_it_as_it_left_it(
    unpacked: Unpacked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = unpacked("chromium-156").recording.home
    path = home / ".config/chromium/Default/Preferences"
    path.write_text('{"mine":{"a":"amazon.com","b":"amazon.com","c":1}}', "utf-8")
    before = path.read_bytes()
    common = 'category = "history"\nformat = "json"\nroot = "profile"\npaths = ["Preferences"]\n'
    declared = "".join(
        f'[{name}]\ntitle = "{name}"\n{common}'
        f'drop = [{{ path = "mine.{name}", site = [{{ value = "host" }}] }}]\n'
        for name in ("b", "a")
    )
    (tmp_path / "stores" / "chromium").mkdir(parents=True)
    (tmp_path / "stores" / "chromium" / "mine.toml").write_text(declared, "utf-8")
    monkeypatch.setattr(catalog, "data_root", lambda: tmp_path)
    catalog.declared_stores.cache_clear()
    try:
        for command, left in (
            ("clear-cache --site amazon", b'{"mine":{"c":1}}'),
            ("restore", before),
        ):
            arguments = [*command.split(), "--yes", "--home", str(home)]
            done = CliRunner().invoke(main, arguments)
            assert done.exit_code == 0, done.output
            assert path.read_bytes() == left
    finally:
        catalog.declared_stores.cache_clear()
