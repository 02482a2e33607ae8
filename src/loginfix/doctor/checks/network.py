"""Is there a VPN, or a proxy for all programs?"""

import re

import psutil

from loginfix.doctor.model import Answer, Cause, Check, Confidence, Remedy, Verdict, ok
from loginfix.doctor.subject import Computer
from loginfix.words import message, say

_TUNNEL = re.compile(r"(?:tun|tap|wg|ppp|utun|nordlynx|proton|mullvad|zt)[a-z-]*\d*", re.IGNORECASE)
_VARIABLES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


def examine(computer: Computer) -> Answer:
    """Look at the names of the interfaces that are up, and at the environment."""
    up = computer.interfaces
    if up is None:
        up = tuple(name for name, it in psutil.net_if_stats().items() if it.isup)
    # macOS has tunnels of its own that are always up.
    ours = [] if computer.platform == "darwin" else [n for n in up if _TUNNEL.fullmatch(n)]
    proxies = [name for name in _VARIABLES if computer.environment.get(name)]
    if not ours and not proxies:
        return ok(say("No VPN and no proxy for all programs was found."))
    return Answer(
        Verdict.SUSPICIOUS,
        say("A VPN or proxy is on; sites trust its address less and ask for CAPTCHAs."),
        (
            *(say("interface {name}", name=name) for name in ours),
            *(say("variable {name}", name=name) for name in proxies),
        ),
        Remedy(say("Switch it off for a try.")),
    )


CHECK = Check("network", message("VPN and proxy"), Cause.CAPTCHA, Confidence.LOW, examine)
