"""Mozilla's own cases for forgetting a domain, and what its forgetting leaves behind.

The counterparts of ``test_removeDataFromDomain.js`` (toolkit/components/forgetaboutsite): of each
kind of data something of the domain itself, of a host below it, and of a domain that only contains
its name.
"""

import hashlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from databases import column
from recorder.recordings import Recording, unpack

SITE = "mozilla.org"
DIRECT, SUBDOMAIN, CONTAINING = "mozilla.org", "test.mozilla.org", "ilovemozilla.org"
HOSTS = (DIRECT, SUBDOMAIN, CONTAINING)
PUSH = "storage/permanent/chrome/idb/2918063365piupsah.sqlite"
LOGIN = {"hostname": f"https://{DIRECT}", "httpRealm": None, "formSubmitURL": "", "guid": "{1}"}


@contextmanager
def database(profile: Path, name: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(profile / name)) as connection, connection:
        connection.create_function("update_refcount", 2, lambda *_: None)
        yield connection


def fill(profile: Path) -> None:
    """Leave of every kind something of each of the three hosts."""
    for number, host in enumerate(HOSTS):
        origin = f"https://{host}"
        _fill_databases(profile, number, host, origin)
        storage = profile / "storage" / "default" / f"https+++{host}" / "ls"
        storage.mkdir(parents=True)
        (storage / "data.sqlite").write_bytes(host.encode())
        for folder, name in (
            (profile / "places-previews", hashlib.sha256(f"{origin}/foo".encode()).hexdigest()),
            (profile / "thumbnails", _md5(f"{origin}/foo")),
        ):
            folder.mkdir(exist_ok=True)
            ending = ".webp" if folder.name == "places-previews" else ".png"
            (folder / (name + ending)).write_text(host)
    workers = "".join(f"\nhttps://{h}/\nhttps://{h}/sw.js\nfalse\n#\n" for h in HOSTS)
    with (profile / "serviceworker.txt").open("a") as file:
        file.write(workers)
    notes = {f"https://{host}": {"1": {"title": host}} for host in HOSTS}
    (profile / "notificationstore.json").write_text(json.dumps(notes))
    logins = json.loads((profile / "logins.json").read_text())
    logins["logins"] += [
        {**LOGIN, "id": 90 + n, "hostname": f"https://{h}"} for n, h in enumerate(HOSTS)
    ]
    (profile / "logins.json").write_text(json.dumps(logins))
    with database(profile, "credentialstate.sqlite") as identity:
        identity.execute(
            "CREATE TABLE identity (rpOrigin TEXT NOT NULL, idpOrigin TEXT NOT NULL, credentialId"
            " TEXT NOT NULL, rpBaseDomain TEXT, PRIMARY KEY (rpOrigin, idpOrigin, credentialId))"
        )
        identity.executemany(
            "INSERT INTO identity VALUES ('https://shop.example', ?, 'a', 'shop.example')",
            [(f"https://{host}",) for host in HOSTS],
        )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _fill_databases(profile: Path, number: int, host: str, origin: str) -> None:
    with database(profile, "places.sqlite") as places:
        places.execute(
            "INSERT INTO moz_places (id, url, rev_host, visit_count, guid, url_hash)"
            " VALUES (?, ?, ?, 1, ?, 1)",
            (9000 + number, f"{origin}/foo", f"{host[::-1]}.", f"forgetcase{number:02}"),
        )
        places.execute(
            "INSERT INTO moz_historyvisits (place_id, visit_date, visit_type) VALUES (?, 1, 1)",
            (9000 + number,),
        )
    with database(profile, "cookies.sqlite") as cookies:
        cookies.execute(
            "INSERT INTO moz_cookies (name, value, host, path, expiry)"
            " VALUES ('n', 'v', ?, '/', 9)",
            (host,),
        )
    with database(profile, "permissions.sqlite") as permissions:
        permissions.executemany(
            "INSERT INTO moz_perms (origin, type, permission, expireType, expireTime,"
            " modificationTime) VALUES (?, ?, 1, 0, 0, 1)",
            [
                (origin, "storageAccessAPI"),
                (origin, "test-perm"),
                (origin, "login-saving"),
                ("https://shop.example", f"3rdPartyStorage^{origin}"),
            ],
        )
    with database(profile, "content-prefs.sqlite") as prefs:
        prefs.execute("INSERT INTO groups VALUES (?, ?)", (900 + number, host))
        prefs.execute("INSERT OR IGNORE INTO settings VALUES (900, 'test-pref')")
        prefs.execute(
            "INSERT INTO prefs (groupID, settingID, value) VALUES (?, 900, 1)", (900 + number,)
        )
    with database(profile, "storage.sqlite") as listed:
        listed.execute("INSERT INTO origin VALUES (2, '', ?, ?, '', 1, 1, 1, 1, 0)", (host, origin))
    with database(profile, "storage/ls-archive.sqlite") as archive:
        archive.execute(
            "INSERT INTO webappsstore2 (originAttributes, originKey, key, value)"
            " VALUES ('', ?, 'k', 'v')",
            (f"{host[::-1]}.:https:443",),
        )
    with database(profile, PUSH) as push:
        key = b"0" + bytes([0x31 + number])
        scope = bytes(each + 1 for each in f"{origin}/".encode())
        push.execute("INSERT INTO object_data VALUES (1, ?, NULL, NULL, x'00')", (key,))
        push.execute(
            "INSERT INTO unique_index_data VALUES (2, ?, 1, ?, NULL)",
            (b"\x80" + scope + b"\x000", key),
        )


def held(profile: Path, kind: str) -> set[str]:
    """The hosts of which there is something of that kind."""
    queries = {
        "history": ("places.sqlite", "SELECT url FROM moz_places"),
        "visits": (
            "places.sqlite",
            "SELECT url FROM moz_historyvisits JOIN moz_places p ON p.id = place_id",
        ),
        "cookies": ("cookies.sqlite", "SELECT host FROM moz_cookies"),
        "never-save": (
            "permissions.sqlite",
            "SELECT origin FROM moz_perms WHERE type = 'login-saving'",
        ),
        "permissions": (
            "permissions.sqlite",
            "SELECT origin FROM moz_perms WHERE type = 'test-perm'",
        ),
        "own permissions": (
            "permissions.sqlite",
            "SELECT origin FROM moz_perms WHERE type = 'storageAccessAPI'",
        ),
        "grants": ("permissions.sqlite", "SELECT substr(type, 17) FROM moz_perms"),
        "content preferences": (
            "content-prefs.sqlite",
            "SELECT name FROM groups JOIN prefs ON groupID = groups.id",
        ),
        "storage list": ("storage.sqlite", "SELECT origin FROM origin"),
        "sign-ins": ("credentialstate.sqlite", "SELECT idpOrigin FROM identity"),
    }
    if kind in queries:
        found = [str(value) for value in column(profile / queries[kind][0], queries[kind][1])]
    elif kind == "push":
        values = column(profile / PUSH, "SELECT value FROM unique_index_data WHERE index_id = 2")
        found = [
            bytes(max(each - 1, 0) for each in value[1:]).decode("latin-1").partition("/\0")[0]
            for value in values
            if isinstance(value, bytes)
        ]
    elif kind == "old local storage":
        rows = column(profile / "storage/ls-archive.sqlite", "SELECT originKey FROM webappsstore2")
        found = [str(value).partition(".:")[0][::-1] for value in rows]
    else:
        found = _held_in_files(profile, kind)
    return {host for host in HOSTS for text in found if _host(text) == host}


def _held_in_files(profile: Path, kind: str) -> list[str]:
    match kind:
        case "storage":
            return [p.name.replace("+++", "://") for p in (profile / "storage/default").iterdir()]
        case "service workers":
            return (profile / "serviceworker.txt").read_text().splitlines()
        case "notifications":
            return [*json.loads((profile / "notificationstore.json").read_text())]
        case "previews" | "thumbnails":
            folder = profile / ("places-previews" if kind == "previews" else kind)
            return [path.read_text() for path in folder.iterdir()]
        case _:
            logins = json.loads((profile / "logins.json").read_text())["logins"]
            return [login["hostname"] for login in logins]


def _host(text: str) -> str:
    return text.partition("://")[2].partition("/")[0] if "://" in text else text


def loginfix(recording: Recording, *arguments: str, code: int = 0) -> dict[str, Any]:
    command = [sys.executable, "-m", "loginfix", *arguments, "--json"]
    done = subprocess.run(
        [*command, "--home", str(recording.home)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == code, done.stdout + done.stderr
    envelope: dict[str, Any] = json.loads(done.stdout)
    return envelope


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    recording = unpack("firefox-esr-153", tmp_path_factory.mktemp("forget"))
    fill(recording.profile)
    return recording


@pytest.fixture(scope="module")
def profile(filled: Recording) -> Path:
    """The profile after forgetting, with decisions, what Mozilla's forgetting forgets too."""
    before = {kind: held(filled.profile, kind) for kind in (*CLEARED, *DECIDED, "logins")}
    assert all(hosts == set(HOSTS) for hosts in before.values()), before
    logins = (filled.profile / "logins.json").read_bytes()
    loginfix(filled, "clear-cache", "--site", SITE, "--yes")
    for kind in DECIDED:
        assert held(filled.profile, kind) == set(HOSTS), kind
    loginfix(filled, "clear-cache", "--site", SITE, "--yes", "--only", "permissions")
    assert (filled.profile / "logins.json").read_bytes() == logins
    return filled.profile


CLEARED = (
    *("history", "visits", "cookies", "content preferences", "push", "storage"),
    # What is only kept for the above, and what Mozilla's forgetting leaves behind.
    *("own permissions", "grants", "storage list", "old local storage", "service workers"),
    *("notifications", "sign-ins", "previews", "thumbnails"),
)
# They go when permissions are asked for by name.
DECIDED = ("permissions", "never-save")


@pytest.mark.parametrize("kind", [*CLEARED, *DECIDED])
def test_cleared_with_direct_match(kind: str, profile: Path) -> None:
    assert DIRECT not in held(profile, kind)


@pytest.mark.parametrize("kind", [*CLEARED, *DECIDED])
def test_cleared_with_subdomain(kind: str, profile: Path) -> None:
    assert SUBDOMAIN not in held(profile, kind)


@pytest.mark.parametrize("kind", [*CLEARED, *DECIDED])
def test_not_cleared_with_uri_contains_domain(kind: str, profile: Path) -> None:
    assert CONTAINING in held(profile, kind)


def test_logins_survive(profile: Path) -> None:
    assert held(profile, "logins") == set(HOSTS)


def test_a_host_below_the_domain_leads_to_its_base_domain(filled: Recording) -> None:
    refused = loginfix(filled, "clear-cache", "--site", SUBDOMAIN, "--dry-run", code=2)
    assert SITE in refused["error"]["next_step"]
