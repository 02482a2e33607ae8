"""Results for tests of reports: everyday ones, hostile ones, and very large ones."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from loginfix.api.machine import Machine
from loginfix.api.results import Clearing, DryRun
from loginfix.browsers.model import Engine, Profile
from loginfix.clearing.plan import Plan, ProfilePlan, Request
from loginfix.clearing.results import ClearedProfile, ClearResult
from loginfix.clearing.selection import Selection
from loginfix.errors import Problem
from loginfix.sites.catalog import load_catalog
from loginfix.stores.model import Category, Finding, Item, Span, State
from loginfix.tracing.model import Encoding, Hit, ProfileTrace, Tally, TracedFile, Verdict

HOME = Path("/home/hanako.yamada")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SITE = load_catalog().resolve("amazon")
HOSTILE = (
    "<script>document.title='owned'</script>",
    '"><img src=x onerror="document.title=1">',
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe\nsecond line",
    "\x1b[2J\x1b]0;owned\x07",
    "{{ 7 * 7 }}{% raw %}",
    "![x](https://evil.example/x.png) | `a` **b**",
    "עברית שלום",
    "x" * 3000,
)
FILES = {
    Category.CACHE: "Web cache",
    Category.COOKIES: "Cookies",
    Category.HISTORY: "History",
    Category.STORAGE: "Local storage",
    Category.SESSIONS: "Open and recently closed tabs",
    Category.PERMISSIONS: "Permissions that you gave or refused",
    Category.SECURITY: "Secure connections that sites asked for",
    Category.PREDICTIONS: "Predictions for loading and typing",
}


def profile(brand: str = "Google Chrome", name: str = "花子") -> Profile:
    directory = HOME / ".config" / brand.lower().replace(" ", "-")
    return Profile(
        brand=brand.partition(" ")[2].lower() or brand.lower(),
        brand_name=brand,
        engine=Engine.CHROMIUM,
        packaging="native",
        name=name,
        directory="Default",
        path=directory / "Default",
        cache_path=HOME / ".cache" / directory.name / "Default",
        user_data=directory,
    )


def finding(
    category: Category, names: tuple[str, ...], *, days: int = 3, size: int = 700
) -> Finding:
    items = tuple(
        Item(
            name,
            f"www{number % 7 or ''}.amazon.co.jp",
            size + 13 * number % 997,
            NOW - timedelta(days=number % days, hours=number % 24) if number % 11 else None,
        )
        for number, name in enumerate(names)
    )
    times = [item.used for item in items if item.used]
    hosts = {host: sum(i.host == host for i in items) for host in sorted({i.host for i in items})}
    return Finding(
        store=f"chromium.{category}",
        title=FILES[category],
        category=category,
        path=HOME / ".config/google-chrome/Default" / category,
        state=State.FOUND,
        items=len(items),
        size=sum(item.size for item in items),
        hosts=hosts,
        details={"rows": len(items)},
        used=Span(min(times), max(times)) if times else None,
        listing=items,
    )


def everyday() -> tuple[ProfilePlan, ...]:
    """Two browsers of a shop owner."""
    addresses = tuple(f"https://www.amazon.co.jp/dp/B{n:04}?ref=nav_{n}" for n in range(40))
    cookies = ("session-id", "session-token", "ubid-acbjp", "x-acbjp", "at-acbjp", "sess-at-acbjp")
    return (
        ProfilePlan(
            profile(),
            (
                finding(Category.CACHE, addresses, days=20, size=40_000),
                finding(Category.COOKIES, cookies, days=40),
                finding(Category.HISTORY, addresses, days=60),
                finding(Category.STORAGE, cookies[:3], size=90_000),
                finding(Category.SESSIONS, addresses[:5], days=2),
                finding(Category.PERMISSIONS, cookies[:1]),
                finding(Category.SECURITY, cookies[:2]),
                finding(Category.PREDICTIONS, addresses[:4]),
            ),
        ),
        ProfilePlan(
            profile("Microsoft Edge", "仕事"),
            (
                finding(Category.CACHE, addresses[:9], size=9_000),
                finding(Category.COOKIES, cookies[:2]),
            ),
        ),
    )


def dry_run(*profiles: ProfilePlan) -> DryRun:
    return DryRun(
        Plan(Request(SITE), profiles or everyday()), Selection(sites=("amazon",)), Machine(HOME)
    )


def nothing() -> DryRun:
    """A profile that knows nothing of the site."""
    return dry_run(ProfilePlan(profile(), ()))


def hostile() -> DryRun:
    """What a page, a profile and a server can be called."""
    evil = profile(name="".join(HOSTILE[:6]))
    found = finding(Category.COOKIES, HOSTILE)
    found = replace(found, hosts={f"{HOSTILE[0]}.amazon.com": 3, f"{HOSTILE[4]}.amazon.com": 2})
    problem = Problem(
        "damaged-file", f"{HOME}/{HOSTILE[0]} is damaged.", HOSTILE[2], HOME / HOSTILE[1]
    )
    return dry_run(ProfilePlan(evil, (found,), (problem,)))


def large(count: int = 50_000) -> DryRun:
    names = tuple(f"https://www.amazon.co.jp/gp/product/{n}" for n in range(count))
    return dry_run(ProfilePlan(profile(), (finding(Category.HISTORY, names, days=900),)))


def cleared(*, left: bool = False) -> Clearing:
    """A finished run, with something left in one file if so wanted."""
    profiles = everyday()
    tally = Tally(2, [Hit(960, "www.amazon.co.jp", Encoding.PLAIN)], {"www.amazon.co.jp"})
    file = TracedFile(profiles[0].profile.path / "Unknown", "Unknown", {Verdict.LEFTOVER: tally})
    result = ClearResult(
        Plan(Request(SITE), profiles),
        tuple(ClearedProfile(each.profile, each.findings) for each in profiles),
        backup_id="20261124-120000-amazon",
        backup_path=HOME / ".local/share/loginfix/backups/20261124-120000-amazon.loginfix",
        traces=tuple(
            ProfileTrace(each.profile, (file,) if left else (), 600, 1 << 24, 1.25)
            for each in profiles
        ),
    )
    return Clearing(
        result,
        "loginfix restore 20261124-120000-amazon",
        "loginfix trace --site amazon",
        "loginfix backups delete 20261124-120000-amazon",
    )
