"""Backups that only the holder of the secret key can read."""

import hashlib
import io
import json
import os
import random
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import synthetic
from forgery import forge
from loginfix.cli.program import main
from loginfix.errors import BackupDamagedError, ExitCode
from loginfix.vault import chunks, cover
from loginfix.vault import keys as vault_keys
from loginfix.vault.errors import (
    BackupEncryptedError,
    BadIdentityError,
    BadRecipientError,
    ContentError,
    EncryptionMissingError,
    WrongIdentityError,
)
from loginfix.vault.reader import Backup
from loginfix.vault.writer import BackupWriter
from test_cli_program import FOR_SURE, SCHEMA, backups, invoke
from test_vault_model import MANIFEST
from test_vault_reader import edit
from test_vault_verify import flips
from test_vault_writer import CACHE, PROFILE, needs_posix, start_store

pyrage = pytest.importorskip("pyrage")

SECRET = "s3cr3t-session-of-somebody"  # noqa: S105  made up, to be looked for
# So much that does not compress that SQLite writes pages before the file is complete.
LARGE = SECRET.encode() + random.Random(7).randbytes(3 * chunks.CHUNK_SIZE)  # noqa: S311  no secret


class Keys:
    """A pair of keys, the secret one in a file."""

    def __init__(self, directory: Path) -> None:
        secret, self.public = vault_keys.new_identity()
        self.file = directory / f"{self.public}.txt"
        self.file.write_text(f"# made for a test\n\n{secret}\n", "ascii")

    @property
    def secret(self) -> cover.Decrypting:
        return cover.Decrypting(self.file)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path)


def write_encrypted(directory: Path, *recipients: str) -> Path:
    """A backup with the secret in every place that can hold one."""
    with BackupWriter(directory, replace(MANIFEST, recipients=recipients)) as writer:
        store = start_store(writer, CACHE)
        store.note("schema", SECRET)
        store.row("cookies", "deleted", {"name": SECRET, "value": b"\x00\xff"})
        store.row("cookies", "updated", {"name": SECRET}, {"name": f"{SECRET}-later"})
        store.file(f"{SECRET}/a", io.BytesIO(LARGE), mode=0o640, mtime_ns=7)
        store.file("empty", io.BytesIO(), mode=0o600, mtime_ns=-1)
        return writer.seal()


def content(path: Path, keys: cover.Decrypting) -> tuple[list[object], list[bytes]]:
    with Backup.open(path, keys) as backup:
        saved = backup.saved(backup.stores[0].key)
        files = list(saved.files())
        written = []
        for number, file in enumerate(files):
            target = path.with_name(f"out-{number}")
            saved.write_file(file, target)
            written.append(target.read_bytes())
            target.unlink()
        rows = [(row.change, row.before, row.after) for row in saved.rows("cookies")]
        return [
            dict(saved.notes),
            rows,
            [(f.rel, f.size, f.mode, f.sha256) for f in files],
        ], written


def test_everything_comes_back_with_the_secret_key(tmp_path: Path, keys: Keys) -> None:
    found, written = content(write_encrypted(tmp_path / "b", keys.public), keys.secret)
    assert written == [LARGE, b""]
    assert found == [
        {"schema": SECRET},
        [
            ("deleted", {"name": SECRET, "value": b"\x00\xff"}, None),
            ("updated", {"name": SECRET}, {"name": f"{SECRET}-later"}),
        ],
        [
            (f"{SECRET}/a", len(LARGE), 0o640, hashlib.sha256(LARGE).hexdigest()),
            ("empty", 0, 0o600, hashlib.sha256(b"").hexdigest()),
        ],
    ]


def test_a_backup_may_be_for_many_but_not_for_any_number(tmp_path: Path, keys: Keys) -> None:
    others = [vault_keys.new_identity()[1] for _ in range(cover.MOST_RECIPIENTS)]
    for first in range(20):  # headers are of many lengths
        sealed = cover.Encrypting([*others[1:], keys.public]).text(f"{first}")
        assert keys.secret.text(sealed) == f"{first}"
    with pytest.raises(BadRecipientError, match="64 public keys at once, not to 65"):
        cover.Encrypting([*others, keys.public])
    result = CliRunner().invoke(
        main,
        [
            *("clear-cache", "--site", "amazon", "--home", str(tmp_path)),
            *(word for each in (*others, keys.public) for word in ("--encrypt-to", each)),
        ],
    )
    assert result.exit_code == ExitCode.USAGE
    assert "64 public keys at once, not to 65" in result.stderr.replace("\n", " ")


def test_a_header_without_end_is_refused_before_it_takes_hours(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = cover.Encrypting([keys.public]).piece(b"body").content
    start, end = sealed.split(b"\n--- ", 1)
    endless = b"age-encryption.org/v1\n" + b"-> ^.org/v1\n" * 1000 + start + b"\n--- " + end
    secret = keys.secret
    monkeypatch.setattr(secret._age, "decrypt", lambda *_: pytest.fail("handed to age"))
    with pytest.raises(ContentError, match="does not begin like one"):
        secret.piece(endless, 4)


def test_each_of_several_keys_opens_it(tmp_path: Path, keys: Keys) -> None:
    other = Keys(tmp_path)
    path = write_encrypted(tmp_path / "b", keys.public, other.public)
    assert content(path, keys.secret) == content(path, other.secret)


def test_without_the_key_it_is_listed_and_checked_and_nothing_of_it_is_read(
    tmp_path: Path, keys: Keys
) -> None:
    with Backup.open(write_encrypted(tmp_path / "b", keys.public)) as backup:
        assert backup.verify() == ()
        assert backup.manifest.recipients == (keys.public,)
        assert dict(backup.profiles) == {1: PROFILE}
        (store,) = backup.stores
        assert (store.rows, store.files, store.size) == ({"cookies": 2}, 2, len(LARGE))
        saved = backup.saved(store.key)
        for read in (lambda: saved.notes, saved.files, lambda: saved.rows("cookies")):
            with pytest.raises(BackupEncryptedError, match=keys.public) as caught:
                list(read())
            assert "--identity" in caught.value.next_step


def test_another_key_is_refused_at_once(tmp_path: Path, keys: Keys) -> None:
    with pytest.raises(WrongIdentityError, match=keys.public):
        Backup.open(write_encrypted(tmp_path / "b", keys.public), Keys(tmp_path).secret)


@needs_posix
def test_the_secret_is_on_the_disk_at_no_time(tmp_path: Path, keys: Keys) -> None:
    """Every write of a run that is watched by the system itself."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    log = tmp_path / "log"
    code = f"from test_vault_encryption import *; write_encrypted(Path('v'), {keys.public!r})"
    for encrypted in (True, False):
        run = code if encrypted else code.replace(f"{keys.public!r}", "")
        done = subprocess.run(
            ["strace", "-f", "-e", "trace=write,pwrite64,pwritev,writev", "-s", "2000000",
             "-o", str(log), sys.executable, "-c", run],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if "ptrace" in done.stderr:
            pytest.skip("strace may not be used here")
        assert done.returncode == 0, done.stderr
        written = log.read_text("ascii", "replace")
        assert "lgfx" in written  # the log does hold what SQLite writes
        assert (SECRET in written) is not encrypted
        shutil.rmtree(tmp_path / "v")


def test_every_flipped_bit_is_found_without_the_key(tmp_path: Path, keys: Keys) -> None:
    path = write_encrypted(tmp_path / "b", keys.public)
    original = path.read_bytes()
    for changed in flips(original, range(0, len(original), len(original) // 200)):
        path.write_bytes(changed)
        with pytest.raises(BackupDamagedError), Backup.open(path) as backup:
            backup.verify()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE chunks SET data = zeroblob(length(data))",
        "UPDATE chunks SET data = (SELECT data FROM chunks WHERE number = 0), size = size",
        "UPDATE rows SET before = 'AAAA'",
        "UPDATE rows SET before = '%'",
        "UPDATE notes SET value = substr(value, 5)",
        "UPDATE files SET rel = 'a' WHERE id = 1",
        "UPDATE files SET rel = (SELECT value FROM notes) WHERE id = 1",
        "UPDATE manifest SET value = 'x' WHERE key = 'id'",
    ],
)
def test_forged_content_with_forged_checksums_is_found_with_the_key(
    tmp_path: Path, keys: Keys, statement: str
) -> None:
    path = write_encrypted(tmp_path / "b", keys.public)
    forge(path, statement)
    with Backup.open(path) as backup:
        assert backup.verify() == ()
    with pytest.raises(BackupDamagedError), Backup.open(path, keys.secret) as backup:
        backup.verify()


def test_a_name_that_leads_out_of_the_profile_or_is_there_twice_is_found_with_the_key(
    tmp_path: Path, keys: Keys
) -> None:
    path = write_encrypted(tmp_path / "b", keys.public)
    seal = cover.Encrypting([keys.public])
    for rel in ("../x", "empty"):
        forge(path, "UPDATE files SET rel = :rel WHERE id = 1", rel=seal.file(rel, "", "")[0])
        with pytest.raises(BackupDamagedError), Backup.open(path, keys.secret) as backup:
            list(backup.saved(1).files())


@pytest.mark.parametrize(
    "statement",
    [
        "PRAGMA user_version = 1",
        "DELETE FROM manifest WHERE key = 'recipients'",
        "UPDATE manifest SET value = '[]' WHERE key = 'recipients'",
    ],
)
def test_a_backup_that_denies_to_be_encrypted_is_refused(
    tmp_path: Path, keys: Keys, statement: str
) -> None:
    path = write_encrypted(tmp_path / "b", keys.public)
    edit(path, statement, "UPDATE manifest SET value = (SELECT value) WHERE key = 'format'")
    with pytest.raises(BackupDamagedError):
        Backup.open(path)


@pytest.mark.parametrize("text", ["age1", "age1qqqq", "ssh-ed25519 AAAA", "AGE-SECRET-KEY-1QQQ"])
def test_what_is_no_public_key_is_refused_and_a_secret_one_not_shown(text: str) -> None:
    with pytest.raises(BadRecipientError) as caught:
        cover.covering([text])
    assert "SECRET" not in caught.value.message
    assert "backups key" in caught.value.next_step


@pytest.mark.parametrize("text", [b"", b"age1qqq\n", b"\xff", b"AGE-SECRET-KEY-1QQQ\n"])
def test_a_file_without_a_secret_key_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "key.txt").write_bytes(text)
    with pytest.raises(BadIdentityError, match=r"key\.txt") as caught:
        cover.keys_in(tmp_path / "key.txt")
    assert "QQQ" not in caught.value.message
    with pytest.raises(BadIdentityError):
        cover.keys_in(tmp_path / "absent.txt")


def test_without_the_extra_the_next_step_is_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyrage", None)
    with pytest.raises(EncryptionMissingError) as caught:
        vault_keys.new_identity()
    assert "loginfix[encryption]" in caught.value.next_step
    assert cover.covering([]).recipients == ()


def test_the_whole_job_needs_the_secret_key_only_to_put_back(tmp_path: Path) -> None:
    firefox = synthetic.firefox(tmp_path)
    file = tmp_path / "key.txt"
    public = invoke_key(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 or os.name == "nt"
    before = firefox.hosts()
    done = invoke(tmp_path, *FOR_SURE, "--encrypt-to", public, "--json").json["data"]["backup"]
    assert (done["encrypted_to"], done["kept_until"]) == ([public], "deleted")
    after = firefox.hosts()
    (backup,) = backups(tmp_path)
    assert synthetic.SECRET.encode() not in backup.read_bytes()
    assert invoke(tmp_path, "backups", "list", "--json").json["data"]["backups"][0]["encrypted"]
    assert invoke(tmp_path, "backups", "verify").code == ExitCode.DONE
    identity = ("--identity", str(file))
    assert invoke(tmp_path, "backups", "verify", *identity).code == ExitCode.DONE
    refused = invoke(tmp_path, "restore", "--yes", "--json")
    assert refused.code == ExitCode.REFUSED
    assert refused.json["error"]["code"] == "backup-encrypted"
    assert firefox.hosts() == after != before
    assert invoke(tmp_path, "restore", "--yes", *identity).code == ExitCode.DONE
    assert firefox.hosts() == before


def test_a_key_file_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "key.txt"
    invoke_key(file)
    content = file.read_bytes()
    assert CliRunner().invoke(main, ["backups", "key", str(file)]).exit_code == ExitCode.USAGE
    assert file.read_bytes() == content


def test_a_key_that_is_none_is_refused_before_anything_is_looked_at(tmp_path: Path) -> None:
    refused = invoke(tmp_path, *FOR_SURE, "--encrypt-to", "age1x", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (ExitCode.USAGE, "bad-recipient")


def invoke_key(file: Path) -> str:
    """Make a pair of keys and give the public one."""
    made = CliRunner().invoke(main, ["backups", "key", str(file), "--json"])
    secret = file.read_text("ascii").split()[-1]
    assert secret not in made.output
    SCHEMA.validate(json.loads(made.output))
    public: str = json.loads(made.output)["data"]["public_key"]
    return public
