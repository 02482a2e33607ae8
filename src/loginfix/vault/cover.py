"""How content stands in a backup: as it is, or so that only the holder of a secret key can read it.

Encrypted, every text and every piece of a file is an age file of its own
(https://age-encryption.org/v1), so that nothing has to fit into memory, and nothing is ever on the
disk as it is, not even while the backup is being made. It needs ``pyrage``, the extra
``encryption``.
"""

import base64
import binascii
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from loginfix.vault import chunks
from loginfix.vault.errors import (
    BackupEncryptedError,
    BadRecipientError,
    ContentError,
)
from loginfix.vault.keys import age, bad_identity, secret_lines
from loginfix.vault.values import from_json, to_json
from loginfix.words import say

KEY_CHECK = "key_check"
"""The entry of the manifest that holds the backup's id, encrypted: what a wrong key fails at."""

MOST_RECIPIENTS = 64
"""To so many public keys a backup may be encrypted at once."""

_PUBLIC = "age1"
_END_OF_HEADER = b"\n--- "
# bytes: 98 for each recipient, and some hundred for the rest. pyrage takes quadratic time on it.
_LONGEST_HEADER = 8 << 10


class Piece(NamedTuple):
    """A piece of a file: its content, or as it is stored, and the bytes its checksum is of."""

    content: bytes
    checked: bytes


class Writing(Protocol):
    """How what is handed in goes into a backup."""

    @property
    def recipients(self) -> tuple[str, ...]:
        """The public keys it is encrypted to; none where it is not."""

    def text(self, text: str) -> str:
        """The text to store."""

    def file(self, rel: str, sha256: str, stored_sha256: str) -> tuple[str, str]:
        """The name and the checksum to store of a file."""

    def piece(self, raw: bytes) -> Piece:
        """What to store of a piece."""


class Reading(Protocol):
    """How what is in a backup is read."""

    def text(self, stored: str) -> str:
        """The text that was handed in.

        Raises:
            ContentError: It is not in ``stored``.
        """

    def file(self, stored: str, sha256: str) -> tuple[str, str]:
        """The name and the checksum of a file.

        Raises:
            ContentError: They are not in ``stored``.
        """

    def piece(self, data: bytes, size: int) -> Piece:
        """A piece of ``size`` bytes.

        Raises:
            ContentError: It is not in ``data``.
        """


class Plain:
    """Content that stands as it is; both ways."""

    recipients = ()

    def text(self, text: str) -> str:
        """The text itself."""
        return text

    def file(self, rel: str, sha256: str, _: str = "") -> tuple[str, str]:
        """The name and the checksum of the content."""
        return rel, sha256


class PlainWriting(Plain):
    """Content that goes in as it is."""

    def piece(self, raw: bytes) -> Piece:
        """Compressed, if that is shorter."""
        return Piece(chunks.pack(raw), raw)


class PlainReading(Plain):
    """Content that stands in the backup as it is."""

    def piece(self, data: bytes, size: int) -> Piece:
        """Decompressed."""
        raw = chunks.unpack(data, size)
        return Piece(raw, raw)


class Encrypting:
    """Content that only the holders of the secret keys to ``recipients`` can read."""

    def __init__(self, recipients: Sequence[str]) -> None:
        """Take the public keys.

        Raises:
            BadRecipientError: One is no public key, or there are more than ``MOST_RECIPIENTS``.
            EncryptionMissingError: ``pyrage`` is not installed.
        """
        self._age = age()
        if len(recipients) > MOST_RECIPIENTS:
            raise BadRecipientError(
                say(
                    "A backup can be encrypted to {most} public keys at once, not to {count}.",
                    most=MOST_RECIPIENTS,
                    count=len(recipients),
                ),
                next_step=say("Leave some of them out."),
            )
        self.recipients = tuple(recipients)
        self._keys = [self._recipient(each) for each in recipients]

    def text(self, text: str) -> str:
        """The encrypted text, in base64."""
        return base64.b64encode(self._seal(text.encode("utf-8", "surrogatepass"))).decode("ascii")

    def file(self, rel: str, sha256: str, stored_sha256: str) -> tuple[str, str]:
        """Name and checksum encrypted, and the checksum of what is stored."""
        return self.text(to_json([rel, sha256])), stored_sha256

    def piece(self, raw: bytes) -> Piece:
        """Compressed, then encrypted."""
        sealed = self._seal(chunks.pack(raw))
        return Piece(sealed, sealed)

    def _seal(self, raw: bytes) -> bytes:
        sealed: bytes = self._age.encrypt(raw, self._keys)
        return sealed

    def _recipient(self, text: str) -> object:
        try:
            return self._age.x25519.Recipient.from_str(text)
        except self._age.RecipientError as error:
            raise BadRecipientError(
                say("{text!a} is not a public key of age ({error}).", text=text, error=error)
                if text.lower().startswith(_PUBLIC)
                # Whatever else it is, a secret key among it, is not to be shown.
                else say("A public key of age begins with age1; this does not."),
                next_step=say("Make a pair of keys with: loginfix backups key FILE"),
            ) from error


class Decrypting:
    """Content that is read with secret keys."""

    def __init__(self, identity_file: Path) -> None:
        """Read the secret keys out of a file, as ``age-keygen`` writes it.

        Raises:
            BadIdentityError: The file cannot be read or holds no secret key.
            EncryptionMissingError: ``pyrage`` is not installed.
        """
        self._age = age()
        self._keys = [self._identity(identity_file, line) for line in secret_lines(identity_file)]

    def text(self, stored: str) -> str:
        """The decrypted text."""
        try:
            return self._open(base64.b64decode(stored, validate=True)).decode(
                "utf-8", "surrogatepass"
            )
        except (binascii.Error, ValueError) as error:
            raise ContentError(say("what should be encrypted text is something else")) from error

    def file(self, stored: str, _: str) -> tuple[str, str]:
        """The decrypted name and checksum of the content."""
        match from_json(self.text(stored)):
            case [str(rel), str(sha256)]:
                return rel, sha256
        raise ContentError(say("an encrypted name of a file is something else"))

    def piece(self, data: bytes, size: int) -> Piece:
        """Decrypted and decompressed."""
        return Piece(chunks.unpack(self._open(data), size), data)

    def _open(self, sealed: bytes) -> bytes:
        if sealed.find(_END_OF_HEADER, 0, _LONGEST_HEADER) < 0:
            raise ContentError(say("an encrypted piece does not begin like one"))
        try:
            raw: bytes = self._age.decrypt(sealed, self._keys)
        except self._age.DecryptError as error:
            raise ContentError(
                say("an encrypted piece cannot be read ({error})", error=error)
            ) from error
        return raw

    def _identity(self, path: Path, line: str) -> object:
        try:
            return self._age.x25519.Identity.from_str(line)
        except self._age.IdentityError as error:
            raise bad_identity(path, say("it holds a secret key that is damaged")) from error


class Locked:
    """Content that cannot be read, as there is no secret key; its checksums can be compared."""

    def __init__(self, path: Path, recipients: Sequence[str]) -> None:
        self._path = path
        self._recipients = recipients

    def text(self, _: str) -> str:
        """Refuse.

        Raises:
            BackupEncryptedError: Always.
        """
        raise self.refusal()

    def file(self, _: str, __: str) -> tuple[str, str]:
        """Refuse.

        Raises:
            BackupEncryptedError: Always.
        """
        raise self.refusal()

    def piece(self, data: bytes, _: int) -> Piece:
        """The piece as it is stored."""
        return Piece(data, data)

    def refusal(self) -> BackupEncryptedError:
        """What there is to say to whoever asks for the content."""
        return BackupEncryptedError(
            say(
                "The backup {path} is encrypted to {recipients}.",
                path=self._path,
                recipients=", ".join(self._recipients),
            ),
            next_step=say("Name the file with the secret key: --identity FILE."),
            path=self._path,
        )


def covering(recipients: Sequence[str]) -> Writing:
    """How to write a backup for ``recipients``; as it is where there are none.

    Raises:
        BadRecipientError: One is no public key, or there are too many.
        EncryptionMissingError: ``pyrage`` is not installed.
    """
    return Encrypting(recipients) if recipients else PlainWriting()


def keys_in(identity_file: Path | None) -> Decrypting | None:
    """The secret keys in a file; None where none is named.

    Raises:
        BadIdentityError: The file cannot be read or holds no secret key.
        EncryptionMissingError: ``pyrage`` is not installed.
    """
    return Decrypting(identity_file) if identity_file else None
