"""The keys that backups are encrypted with, and the library that does it: ``pyrage``, an extra."""

from pathlib import Path
from types import ModuleType

from loginfix.vault.errors import BadIdentityError, EncryptionMissingError
from loginfix.words import say

_KEY_FILE_LIMIT = 1 << 20
_SECRET = "AGE-SECRET-KEY-"  # noqa: S105  how the line of a secret key begins


def new_identity() -> tuple[str, str]:
    """Make a secret key and give it with its public key.

    Raises:
        EncryptionMissingError: ``pyrage`` is not installed.
    """
    identity = age().x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def secret_lines(path: Path) -> list[str]:
    """The lines of a file that hold a secret key.

    Raises:
        BadIdentityError: The file cannot be read or has none.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_KEY_FILE_LIMIT).decode("utf-8")
    except OSError as error:
        raise bad_identity(path, str(error.strerror or error)) from error
    except UnicodeDecodeError as error:
        raise bad_identity(path, say("it is not text")) from error
    lines = [line.strip() for line in text.splitlines()]
    found = [line for line in lines if line.startswith(_SECRET)]
    if not found:
        raise bad_identity(path, say("it holds no line that begins with {key}", key=_SECRET))
    return found


def bad_identity(path: Path, why: str) -> BadIdentityError:
    """The error for a file whose secret keys are of no use."""
    return BadIdentityError(
        say("No secret key can be read from {path}: {why}.", path=path, why=why),
        next_step=say("Name the file that loginfix backups key, or age-keygen, has written."),
        path=path,
    )


def age() -> ModuleType:
    """The library that encrypts.

    Raises:
        EncryptionMissingError: ``pyrage`` is not installed.
    """
    try:
        import pyrage  # noqa: PLC0415  an extra: most backups need none of it
    except ImportError as error:
        raise EncryptionMissingError(
            say("Encrypted backups need a part of loginfix that is not installed."),
            next_step=say('Install it: pip install "loginfix[encryption]"'),
        ) from error
    module: ModuleType = pyrage
    return module
