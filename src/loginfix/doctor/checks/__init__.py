"""One module a check; each gives ``CHECK``. A new one is added to one of the two lists here.

A check reads, answers in one sentence with its evidence, and names no secret: no cookie value, no
password, no part of a URL behind the host.
"""

from loginfix.doctor.checks import (
    blocked,
    clock,
    cookie_size,
    databases,
    disk,
    extensions,
    hosts_file,
    isolation,
    leftovers,
    marketplaces,
    name_service,
    network,
    policies,
    proxy,
    saved_logins,
    service_workers,
    stale_cookies,
    stored_data,
    sync,
    version,
    web_cache,
)
from loginfix.doctor.model import Check
from loginfix.doctor.subject import Computer, Subject

PROFILE_CHECKS: tuple[Check[Subject], ...] = (
    saved_logins.CHECK,
    marketplaces.CHECK,
    clock.CHECK,
    proxy.CHECK,
    databases.CHECK,
    blocked.CHECK,
    policies.CHECK,
    cookie_size.CHECK,
    stale_cookies.CHECK,
    disk.CHECK,
    stored_data.CHECK,
    web_cache.CHECK,
    service_workers.CHECK,
    extensions.CHECK,
    isolation.CHECK,
    name_service.CHECK,
    leftovers.CHECK,
    version.CHECK,
    sync.CHECK,
)
"""What is looked at in every profile."""

COMPUTER_CHECKS: tuple[Check[Computer], ...] = (hosts_file.CHECK, network.CHECK)
"""What is looked at once."""
