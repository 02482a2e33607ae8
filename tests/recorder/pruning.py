"""What a recording leaves out: whole files that browsers make again and that name no site."""

import re
from pathlib import Path

from recorder.firefox import QUIET

# Anchored at a path component; a directory takes everything in it along.
LEFT_OUT = (
    # Outside of the browsers' own directories.
    r"^Downloads$",
    r"^Desktop$",
    r"^\.pki$",
    r"^\.local$",
    r"^\.cache/(?!chromium$|chromium/|mozilla$|mozilla/)",
    r"^\.config/(?!chromium$|chromium/)",
    # Locks name the machine and the process.
    r"/Singleton(Lock|Cookie|Socket)$",
    r"/lock$",
    r"/DevToolsActivePort$",
    r"/MarionetteActivePort$",
    # Chromium: caches of compiled shaders, component downloads, crash dumps.
    r"/(GPUCache|GPUPersistentCache|GrShaderCache|GraphiteDawnCache|ShaderCache)$",
    r"/Dawn(Graphite|WebGPU)Cache$",
    r"/(component_crx_cache|extensions_crx_cache|NativeMessagingHosts)$",
    r"/(Crash Reports|Safe Browsing|OptimizationGuideModelsManifest)$",
    r"/optimization_guide_model_store$",
    # Firefox: compiled scripts, crash dumps, telemetry, lists from Mozilla's servers.
    r"/(startupCache|safebrowsing|crashes|minidumps|datareporting|Pending Pings)$",
    r"/(security_state|settings|saved-telemetry-pings)$",
    r"/domain_to_categories\.sqlite(-journal)?$",
    r"/storage/permanent/chrome/idb/3870112724rsegmnoittet-es\.",
    # What private windows left is enciphered with keys that are gone, and cannot be compressed.
    r"/storage/private/[^/]+/(cache|idb|ls|fs)/.*(sqlite|sqlite-wal|\.final|\.files)$",
    r"/user\.js$",
)
_LEFT_OUT = tuple(re.compile(pattern) for pattern in LEFT_OUT)
_FAKE_WEB_PREFS = ("network.dns.forceResolve", "network.socket.forcePort")


def keep(path: str) -> bool:
    """Tell whether a path, relative to the home directory, belongs into a recording."""
    return not any(pattern.search(path) for pattern in _LEFT_OUT)


def forget_driving(profile: Path) -> None:
    """Take what drove Firefox out of its ``prefs.js``: no person has set it."""
    path = profile / "prefs.js"
    names = {f'user_pref("{name}",' for name in (*QUIET, *_FAKE_WEB_PREFS)}
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(tuple(names))]
    path.write_text("".join(kept), encoding="utf-8")
