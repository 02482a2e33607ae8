"""Makes a browser trust the fake web's authority, through NSS's own ``certutil``."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from recorder.web import Web


def trust(web: Web, database: Path, name: str) -> None:
    """Add the web's authority to the NSS database in a directory, made if it is not there.

    Chromium on Linux reads ``$HOME/.pki/nssdb``, Firefox its profile directory. Without a
    trusted certificate neither keeps a cache or a service worker.

    Raises:
        FileNotFoundError: ``certutil`` (Debian: libnss3-tools) is not installed.
    """
    certutil = shutil.which("certutil")
    if certutil is None:
        raise FileNotFoundError("certutil is missing (Debian: apt-get install libnss3-tools)")
    where = ["-d", f"sql:{database}"]
    database.mkdir(parents=True, exist_ok=True)
    if not (database / "cert9.db").exists():
        subprocess.run([certutil, "-N", "--empty-password", *where], check=True, timeout=30)
    with tempfile.NamedTemporaryFile(suffix=".pem") as pem:
        pem.write(web.authority_pem)
        pem.flush()
        add = [certutil, "-A", "-t", "C,,", "-n", name, "-i", pem.name, *where]
        subprocess.run(add, check=True, timeout=30)
