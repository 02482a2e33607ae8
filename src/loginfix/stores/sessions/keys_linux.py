"""The passwords of Chromium browsers in the keyring of a Linux desktop, over D-Bus.

Sources: ``components/os_crypt/sync/key_storage_libsecret.cc`` and ``key_storage_kwallet.cc``; the
Secret Service specification of freedesktop.org; KDE's ``org.kde.KWallet.xml``. Only what is
unlocked is read.
"""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

_SECONDS = 5.0
_SECRETS = ("org.freedesktop.secrets", "/org/freedesktop/secrets", "org.freedesktop.Secret.Service")
_SCHEMAS = ("chrome_libsecret_os_crypt_password_v2", "chrome_libsecret_os_crypt_password_v1")
_WALLETS = (
    ("org.kde.kwalletd6", "/modules/kwalletd6", "org.kde.KWallet"),
    ("org.kde.kwalletd5", "/modules/kwalletd5", "org.kde.KWallet"),
)
# "Chrome Keys" holds "Chrome Safe Storage".
_FOLDER, _ENTRY = " Keys", " Safe Storage"
_OUR_NAME = "loginfix"

Call = Callable[..., Any]
"""Calls a method: who, its name, the signature and values of its arguments; gives its results."""


class NoAnswerError(Exception):
    """A service is not there or says no."""


@cache
def secrets() -> tuple[bytes, ...]:
    """The passwords of all Chromium browsers of this person that can be read without asking."""
    try:
        import jeepney  # noqa: PLC0415  only there on Linux
        from jeepney.io.blocking import open_dbus_connection  # noqa: PLC0415
    except ImportError:
        return ()

    def call(service: tuple[str, str, str], method: str, signature: str = "", *values: Any) -> Any:
        bus_name, path, interface = service
        address = jeepney.DBusAddress(path, bus_name, interface)
        message = jeepney.new_method_call(address, method, signature or None, values)
        try:
            reply = connection.send_and_get_reply(message, timeout=_SECONDS)
        except (OSError, TimeoutError) as error:
            raise NoAnswerError(method) from error
        if reply.header.message_type is jeepney.MessageType.error:
            raise NoAnswerError(method)
        return reply.body

    try:
        connection = open_dbus_connection("SESSION")
    except (OSError, KeyError, ValueError, RuntimeError):
        return ()  # no desktop session
    with connection:
        return tuple(dict.fromkeys((*_attempt(from_secret_service, call), *_wallets(call))))


def _wallets(call: Call) -> Iterator[bytes]:
    for wallet in _WALLETS:
        yield from _attempt(partial(from_wallet, wallet=wallet), call)


def _attempt(read: Callable[[Call], Iterator[bytes]], call: Call) -> list[bytes]:
    try:
        return list(read(call))
    except NoAnswerError:
        return []


def from_secret_service(call: Call) -> Iterator[bytes]:
    """The passwords in GNOME's keyring, or another one that speaks like it.

    Raises:
        NoAnswerError: There is none.
    """
    _, session = call(_SECRETS, "OpenSession", "sv", "plain", ("s", ""))
    for schema in _SCHEMAS:
        unlocked, _locked = call(_SECRETS, "SearchItems", "a{ss}", {"xdg:schema": schema})
        (found,) = call(_SECRETS, "GetSecrets", "aoo", unlocked, session)
        for _session, _parameters, value, _type in found.values():
            yield bytes(value)


def from_wallet(call: Call, wallet: tuple[str, str, str]) -> Iterator[bytes]:
    """The passwords in KDE's wallet.

    Raises:
        NoAnswerError: There is none.
    """
    (name,) = call(wallet, "networkWallet")
    (is_open,) = call(wallet, "isOpen", "s", name)
    if not is_open:
        return
    (handle,) = call(wallet, "open", "sxs", name, 0, _OUR_NAME)
    (folders,) = call(wallet, "folderList", "is", handle, _OUR_NAME)
    for folder in folders:
        if folder.endswith(_FOLDER):
            entry = folder.removesuffix(_FOLDER) + _ENTRY
            (text,) = call(wallet, "readPassword", "isss", handle, folder, entry, _OUR_NAME)
            if text:
                yield text.encode()
    call(wallet, "close", "ibs", handle, False, _OUR_NAME)  # noqa: FBT003  by D-Bus, without names
