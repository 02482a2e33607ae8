"""Where the keys of session files come from, with stand-ins for what keeps them."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from loginfix.formats.os_crypt import CbcCipher, GcmCipher, derive_key
from loginfix.formats.snss import MARKER, Command
from loginfix.stores.sessions import keys, keys_linux, keys_macos, keys_windows
from loginfix.stores.sessions.keys_linux import NoAnswerError, from_secret_service, from_wallet
from session_files import commands
from test_stores_sessions_chromium import LOG, SHOP, clear, contents, restore, window, write

PROFILE = Path("/Users/person/Library/Application Support/Google/Chrome/Default")


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What one test is told, no other one remembers."""
    keys_linux.secrets.cache_clear()
    keys_macos._read.cache_clear()
    yield
    keys_linux.secrets.cache_clear()
    keys_macos._read.cache_clear()


def on(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "sys", SimpleNamespace(platform=platform))


class Desktop:
    """A session bus: what each method answers, and what was called."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.called: list[tuple[Any, ...]] = []

    def __call__(self, _: tuple[str, str, str], method: str, *rest: Any) -> Any:
        self.called.append((method, *rest))
        if method not in self.answers:
            raise NoAnswerError(method)
        answer = self.answers[method]
        return answer(*rest) if callable(answer) else answer


def test_every_unlocked_password_of_a_chromium_is_read_and_no_locked_one() -> None:
    def search(_: str, attributes: dict[str, str]) -> Any:
        return (["/a", "/b"], ["/locked"]) if attributes["xdg:schema"].endswith("2") else ([], [])

    def get(_: str, paths: list[str], session: str) -> Any:
        assert session == "/session"
        return ({path: (session, b"", path.encode(), "text/plain") for path in paths},)

    desktop = Desktop(OpenSession=("", "/session"), SearchItems=search, GetSecrets=get)
    assert list(from_secret_service(desktop)) == [b"/a", b"/b"]
    assert not [call for call in desktop.called if call[0] in ("Unlock", "Prompt")]


def test_an_open_wallet_is_read_and_a_closed_one_is_not_opened() -> None:
    wallet = ("org.kde.kwalletd6", "/modules/kwalletd6", "org.kde.KWallet")
    answers = {
        "networkWallet": ("kdewallet",),
        "isOpen": (True,),
        "open": (7,),
        "folderList": (["Passwords", "Chrome Keys", "Brave Keys"],),
        "readPassword": lambda _s, _h, folder, entry, _n: (
            {"Chrome Safe Storage": "secret"}.get(entry, "") if folder.endswith("Keys") else "no",
        ),
        "close": (0,),
    }
    desktop = Desktop(**answers)
    assert list(from_wallet(desktop, wallet)) == [b"secret"]
    assert desktop.called[-1][0] == "close"
    desktop = Desktop(**{**answers, "isOpen": (False,)})
    assert list(from_wallet(desktop, wallet)) == []
    assert [call[0] for call in desktop.called] == ["networkWallet", "isOpen"]


def test_without_a_desktop_there_is_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    assert keys_linux.secrets() == ()
    keys_linux.secrets.cache_clear()
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert keys_linux.secrets() == ()
    assert list(keys_linux._attempt(from_secret_service, Desktop())) == []


def test_each_system_has_its_own_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_linux, "secrets", lambda: (b"one", b"two"))
    monkeypatch.setattr(keys_macos, "secrets", lambda _: iter((b"apple",)))
    monkeypatch.setattr(keys_windows, "keys", lambda _: iter((bytes(32),)))

    def found(platform: str, prefix: bytes) -> list[object]:
        on(platform, monkeypatch)
        return list(keys.ciphers(prefix, PROFILE))

    assert found("linux", b"v10") == [CbcCipher(b"v10", derive_key(b"peanuts", 1))]
    assert found("linux", b"v11") == [
        CbcCipher(b"v11", derive_key(b"one", 1)),
        CbcCipher(b"v11", derive_key(b"two", 1)),
    ]
    assert found("darwin", b"v10") == [CbcCipher(b"v10", derive_key(b"apple", 1003))]
    assert found("win32", b"v10") == [GcmCipher(b"v10", bytes(32))]
    for platform in ("linux", "darwin", "win32", "freebsd14"):
        assert found(platform, b"v20") == []
    assert found("darwin", b"v11") == []


@pytest.mark.parametrize(
    ("platform", "cipher"),
    [
        ("linux", CbcCipher(b"v11", derive_key(b"right", 1))),
        ("darwin", CbcCipher(b"v10", derive_key(b"right", 1003))),
        ("win32", GcmCipher(b"v10", bytes(range(32)))),
    ],
)
def test_with_the_key_both_twins_are_edited(
    platform: str, cipher: CbcCipher | GcmCipher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys_linux, "secrets", lambda: (b"wrong", b"right"))
    monkeypatch.setattr(keys_macos, "secrets", lambda _: iter((b"right",)))
    monkeypatch.setattr(keys_windows, "keys", lambda _: iter((bytes(32), bytes(range(32)))))
    on(platform, monkeypatch)
    profile = tmp_path / "profile"
    clear_file = write(profile / "Sessions" / "Session_1", LOG)
    sealed = write(profile / "Sessions_Encrypted" / "Session_2", LOG, cipher.encrypt)
    before = contents(profile)
    backup = clear(profile)
    after = commands(clear_file.read_bytes())
    assert after
    assert SHOP.encode() not in clear_file.read_bytes()
    records = sealed.read_bytes()[8:]
    decrypted = []
    while records:
        size = int.from_bytes(records[:4], "little")
        content = cipher.decrypt(records[4 : 4 + size])
        decrypted.append((content[0], content[1:]))
        records = records[4 + size :]
    assert decrypted == after
    assert restore(profile, backup).restored == 2
    assert contents(profile) == before


def test_the_keychain_is_asked_for_the_profiles_own_browser_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "security"
    tool.write_text('#!/bin/sh\necho "$@" >> "$0.log"\necho secret\n')
    tool.chmod(0o755)
    monkeypatch.setattr(keys_macos, "_TOOL", str(tool))
    assert list(keys_macos.secrets(PROFILE)) == [b"secret"]
    assert list(keys_macos.secrets(PROFILE)) == [b"secret"]
    log = tmp_path / "security.log"
    assert log.read_text() == "find-generic-password -w -s Chrome Safe Storage\n"
    assert list(keys_macos.secrets(Path("/elsewhere/Google/Chrome/Default"))) == []
    tool.write_text("#!/bin/sh\nexit 44\n")
    keys_macos._read.cache_clear()
    assert list(keys_macos.secrets(PROFILE)) == []


@pytest.mark.parametrize("nested", [True, False])
def test_windows_key_is_in_the_local_state(
    nested: bool,  # noqa: FBT001  a case of the test
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    profile = tmp_path / "Default" if nested else tmp_path
    profile.mkdir(exist_ok=True)
    sealed = base64.b64encode(b"DPAPI" + b"sealed").decode()
    (tmp_path / "Local State").write_text(json.dumps({"os_crypt": {"encrypted_key": sealed}}))
    assert keys_windows.unprotect(b"sealed") is None  # here is no Windows
    assert list(keys_windows.keys(profile)) == []
    monkeypatch.setattr(keys_windows, "unprotect", lambda data: data * 2)
    assert list(keys_windows.keys(profile)) == [b"sealedsealed"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"os_crypt": {"encrypted_key": "AAAA"}}', "{"])
def test_a_local_state_without_a_key_gives_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "Local State"
    path.write_text(text)
    assert keys_windows.sealed_key(path) is None
    assert keys_windows.sealed_key(tmp_path / "none") is None


def test_an_encrypted_file_without_records_needs_no_key(tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    write(profile / "Sessions" / "Session_1", [*window(), *LOG, Command(MARKER, b"")])
    write(profile / "Sessions_Encrypted" / "Session_2", [], lambda data: data)
    clear(profile)
