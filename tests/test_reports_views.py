"""Every result in both forms: hand-made, so that each shape can be had."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

from loginfix.api import backup_results, results
from loginfix.api.backup_results import (
    BackedUpProfile,
    BackupCheck,
    BackupChecks,
    BackupDeletion,
    BackupDetails,
    BackupList,
    NewKey,
    Pruning,
)
from loginfix.api.machine import Machine
from loginfix.api.results import (
    BrowserList,
    Clearing,
    DryRun,
    ListedProfile,
    Result,
    SiteList,
    TracedProfile,
    Tracing,
)
from loginfix.browsers.in_use import Running
from loginfix.browsers.model import Engine, Profile
from loginfix.clearing.plan import Plan, ProfilePlan, Request
from loginfix.clearing.recover import RecoverResult
from loginfix.clearing.recovery import Action, RecoveryOutcome
from loginfix.clearing.results import (
    ClearedProfile,
    ClearResult,
    RestoredProfile,
    RestoredStore,
    RestoreResult,
)
from loginfix.clearing.selection import Selection
from loginfix.errors import ExitCode, Problem
from loginfix.reports.completion import CompletionScript
from loginfix.reports.config import Configuration, Effective
from loginfix.reports.envelope import envelope
from loginfix.reports.views import _VIEWS, view_of
from loginfix.sites.catalog import load_catalog
from loginfix.stores.model import Category, Finding, Item, Restored, Root, Span, State
from loginfix.tracing import model as traced
from loginfix.vault.model import (
    BackupSummary,
    Manifest,
    Owner,
    ProfileRecord,
    SiteRecord,
    StoreRecord,
    StoreSummary,
)
from loginfix.vault.retention import PrunePlan, Reason, Verdict

SCHEMA = json.loads(
    Path(__file__).parent.parent.joinpath("docs/reference/json-schema.json").read_text("utf-8")
)
EVIL = "[bold]\x1b]0;owned\x07\n:smile:"
MARKED = "[bold]\ufffd]0;owned\ufffd\ufffd:smile:"

HOME = Path("/home/somebody")
PROFILE = Profile(
    brand="chrome",
    brand_name="Google Chrome",
    engine=Engine.CHROMIUM,
    packaging="native",
    name=EVIL,
    directory="Default",
    path=HOME / ".config/google-chrome/Default",
    cache_path=HOME / ".cache/google-chrome/Default",
    user_data=HOME / ".config/google-chrome",
)
OTHER = replace(PROFILE, name="Work", directory="Profile 1", path=HOME / "other")
RUNNING = Running(4711, "chrome", "Google Chrome (Work) is open (chrome, process 4711).")
DAMAGED = Problem("damaged-file", f"{HOME}/Cookies is damaged.", "Clear it there.", HOME)
IS_OPEN = Problem("browser-running", RUNNING.sentence, "Close Google Chrome.", OTHER.path)
FOUND = Finding(
    store="chromium.cookies",
    title="Cookies",
    category=Category.COOKIES,
    path=PROFILE.path / "Cookies",
    state=State.FOUND,
    items=12,
    size=3200,
    hosts={"amazon.com": 8, "www.amazon.co.jp": 2, "amazon.de": 1, f"{EVIL}.amazon.fr": 1},
    details={"cookies": 12},
    used=Span(datetime(2024, 1, 31, 12, tzinfo=UTC), datetime(2026, 11, 24, 12, tzinfo=UTC)),
    listing=(
        Item("session-id", "amazon.com", 90, datetime(2026, 11, 24, 12, tzinfo=UTC)),
        Item(EVIL, f"{EVIL}.amazon.fr", 70, None),
    ),
)
CLEAN = replace(
    FOUND, state=State.CLEAN, items=0, size=0, hosts={}, details={}, used=None, listing=()
)
LEFT_ALONE = replace(CLEAN, state=State.LEFT_ALONE, problems=(DAMAGED,))
SITE = load_catalog().resolve("amazon")
REQUEST = Request(SITE, frozenset({Category.COOKIES}), frozenset({"ubid-main"}))


def plan(
    *findings: Finding, running: Running | None = None, problems: tuple[Problem, ...] = ()
) -> Plan:
    return Plan(REQUEST, (ProfilePlan(PROFILE, findings, problems, running),))


CREATED = datetime(2026, 11, 24, 3, 50, 30, tzinfo=UTC)
BACKUP_ID = "20261124-035030-amazon"
PUBLIC_KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
MANIFEST = Manifest(
    id=BACKUP_ID,
    created=CREATED,
    version="0.1.0",
    command="clear-cache",
    sites=(SiteRecord("amazon", ("retail",)),),
    categories=("cookies",),
    owner=Owner(EVIL, "somebody", 1000),
    recipients=(PUBLIC_KEY,),
)
BACKUP = BackupSummary(BACKUP_ID, CREATED, 57344, MANIFEST)
BROKEN = BackupSummary("20261001-000000-amazon", CREATED, 12, None, DAMAGED)
VAULT = HOME / "backups"


def dry_run(*findings: Finding, **more: Any) -> DryRun:
    return DryRun(plan(*findings, **more), Selection(("amazon",)), Machine(HOME))


RECORD = ProfileRecord(
    "chrome", "Google Chrome", "chromium", "Default", EVIL, str(PROFILE.path), "", ""
)
STORE = StoreSummary(
    1,
    1,
    StoreRecord("chromium.cookies", "Cookies", "cookies", Root.PROFILE, "Cookies"),
    {"cookies": 12},
    3,
    4096,
)
TRACED_FILE = traced.TracedFile(
    PROFILE.path / EVIL,
    "Sessions",
    {
        verdict: traced.Tally(
            7,
            [
                traced.Hit(None, "www.amazon.com", traced.Encoding.PLAIN),
                traced.Hit(960, "amazon.com", traced.Encoding.BASE64, "mozlz4"),
            ],
            {"www.amazon.com", "amazon.com"},
        )
        for verdict in traced.Verdict
    },
)
TRACE = traced.ProfileTrace(PROFILE, (TRACED_FILE,) * 7, 600, 1 << 20, 1.25, (DAMAGED,))
CLEARED = Clearing(
    ClearResult(
        plan(FOUND, LEFT_ALONE, problems=(DAMAGED,)),
        (ClearedProfile(PROFILE, (replace(FOUND, problems=(DAMAGED,)),)),),
        (OTHER,),
        BACKUP_ID,
        VAULT / f"{BACKUP_ID}.loginfix",
        (DAMAGED, IS_OPEN),
        (TRACE,),
    ),
    f"loginfix restore {BACKUP_ID}",
    "loginfix trace --site amazon",
    f"loginfix backups delete {BACKUP_ID}",
    (PUBLIC_KEY,),
)
RESTORED = RestoreResult(
    BACKUP_ID,
    (
        RestoredProfile(
            PROFILE.label,
            PROFILE.path,
            (
                RestoredStore(
                    "Cookies",
                    "cookies",
                    FOUND.path,
                    Restored(restored=11, merged=1, unchanged=2, kept_newer=("cookies: a", "b")),
                ),
            ),
        ),
    ),
)
RECOVERED = RecoverResult(
    (
        RecoveryOutcome(Action.FINISHED, "20261124-035030-amazon", "clear", {}, BACKUP_ID, (HOME,)),
        RecoveryOutcome(Action.LEFT, problem=DAMAGED, conflicts=(IS_OPEN,), kept=(HOME / "old",)),
    )
)


@dataclass(frozen=True)
class Case:
    name: str
    command: str
    result: Result
    code: ExitCode
    says: tuple[str, ...]


CASES = [
    Case(
        "profiles",
        "browsers",
        BrowserList((ListedProfile(PROFILE, 1536, None), ListedProfile(OTHER, 1, RUNNING))),
        ExitCode.DONE,
        (f"Google Chrome ({MARKED})", "chrome/Default", str(PROFILE.path), "1.5 KiB", "4711"),
    ),
    Case(
        "profiles-with-a-problem",
        "browsers",
        BrowserList((ListedProfile(PROFILE, 0, None),), (DAMAGED,)),
        ExitCode.PARTIAL,
        (DAMAGED.message, DAMAGED.next_step),
    ),
    Case(
        "sites",
        "sites",
        SiteList(load_catalog().sites),
        ExitCode.DONE,
        ("--site amazon", "--group aws", "--without-group retail", "amazon.co.jp", "amazonaws.com"),
    ),
    Case(
        "dry-run",
        "clear-cache",
        dry_run(FOUND, CLEAN),
        ExitCode.DONE,
        (
            "Amazon: this would be removed",
            "cookies",
            "3.1 KiB",
            "2026-11-24  2024-01-31",
            "amazon.com (8)",
            "and 3",
            "In all: 12 items",
            "What stays, and why",
            "holds up to 3.1 KiB",
            str(Machine(HOME).directories.backups),
            "saved passwords",
            "ubid-main",
            "aws",
        ),
    ),
    Case(
        "dry-run-while-open",
        "clear-cache",
        dry_run(FOUND, running=RUNNING),
        ExitCode.DONE,
        ("process 4711", "has to be closed"),
    ),
    Case(
        "dry-run-with-a-damaged-file",
        "clear-cache",
        dry_run(FOUND, LEFT_ALONE),
        ExitCode.PARTIAL,
        (DAMAGED.message, "Left alone"),
    ),
    Case(
        "dry-run-of-nothing",
        "clear-cache",
        dry_run(CLEAN),
        ExitCode.NOTHING_FOUND,
        ("Nothing of Amazon was found",),
    ),
    Case(
        "cleared",
        "clear-cache",
        CLEARED,
        ExitCode.PARTIAL,
        (
            "Amazon was removed",
            f"  loginfix restore {BACKUP_ID}\n",
            str(VAULT / BACKUP_ID),
            "Next: start the browser",
            IS_OPEN.message,
            IS_OPEN.next_step,
            "Searched 600 files (1.0 MiB, 1.2 seconds)",
            "Amazon is still named here:",
            "Sessions: ",
            "in its name: www.amazon.com (and 6 more files)",
            "  loginfix trace --site amazon\n",
        ),
    ),
    Case(
        "traced",
        "trace",
        Tracing(SITE, (TracedProfile(TRACE, RUNNING),), (IS_OPEN,)),
        ExitCode.LEFTOVERS_FOUND,
        (
            "Something of Amazon is left: places 49, files 7.",
            "in its name: www.amazon.com",
            "at byte 960: amazon.com (base64, mozlz4)",
            "and 5 more in this file",
            "and 2 more files",
            RUNNING.sentence,
            DAMAGED.message,
            IS_OPEN.next_step,
            "loginfix clear-cache",
        ),
    ),
    Case(
        "nothing-left",
        "trace",
        Tracing(SITE, (TracedProfile(replace(TRACE, files=(), problems=()), None),)),
        ExitCode.DONE,
        ("Nothing of Amazon is left.", "Searched 600 files"),
    ),
    Case(
        "not-all-searched",
        "trace",
        Tracing(SITE, (TracedProfile(replace(TRACE, files=()), None),)),
        ExitCode.PARTIAL,
        (DAMAGED.message,),
    ),
    Case(
        "all-open",
        "clear-cache",
        Clearing(
            ClearResult(plan(FOUND, running=RUNNING), (), (OTHER,), problems=(DAMAGED, IS_OPEN)), ""
        ),
        ExitCode.BROWSER_RUNNING,
        ("Nothing of Amazon was removed", IS_OPEN.message, IS_OPEN.next_step),
    ),
    Case(
        "nothing-to-clear",
        "clear-cache",
        Clearing(ClearResult(plan(CLEAN), ()), ""),
        ExitCode.NOTHING_FOUND,
        ("Nothing of Amazon was found. Nothing was changed.",),
    ),
    Case(
        "restored",
        "restore",
        RESTORED,
        ExitCode.DONE,
        ("This was put back", "Cookies: 2 newer ones", "--overwrite", MARKED),
    ),
    Case(
        "restore-dry-run",
        "restore",
        replace(RESTORED, dry_run=True),
        ExitCode.DONE,
        ("This would be put back",),
    ),
    Case(
        "restore-of-nothing",
        "restore",
        RestoreResult(BACKUP_ID, ()),
        ExitCode.NOTHING_FOUND,
        ("is missing. Nothing was changed.",),
    ),
    Case(
        "restore-into-open-browsers",
        "restore",
        RestoreResult(BACKUP_ID, (), skipped=(OTHER.label,), problems=(IS_OPEN,)),
        ExitCode.BROWSER_RUNNING,
        ("was put back", IS_OPEN.next_step),
    ),
    Case(
        "recovered",
        "recover",
        RECOVERED,
        ExitCode.PARTIAL,
        ("20261124-035030-amazon: it was finished", "could not be ended", str(HOME / "old")),
    ),
    Case(
        "unlocked",
        "recover",
        RecoverResult((), (PROFILE,)),
        ExitCode.DONE,
        (MARKED, "can start again"),
    ),
    Case("nothing-to-recover", "recover", RecoverResult(()), ExitCode.NOTHING_FOUND, ("No run",)),
    Case(
        "backups",
        "backups list",
        BackupList(VAULT, (BACKUP, BROKEN)),
        ExitCode.PARTIAL,
        (BACKUP_ID, "56.0 KiB", "cannot be read", str(VAULT), DAMAGED.message),
    ),
    Case("no-backups", "backups list", BackupList(VAULT, ()), ExitCode.DONE, ("no backups",)),
    Case(
        "backup",
        "backups show",
        BackupDetails(VAULT / "it", 57344, MANIFEST, (BackedUpProfile(RECORD, (STORE,)),)),
        ExitCode.DONE,
        (BACKUP_ID, "Cookies", "4.0 KiB", MARKED),
    ),
    Case(
        "intact-and-damaged",
        "backups verify",
        BackupChecks(
            (
                BackupCheck("one", VAULT, warnings=(IS_OPEN,)),
                BackupCheck("two", VAULT, failure=DAMAGED),
            )
        ),
        ExitCode.BACKUP_DAMAGED,
        ("one is intact", "two is not intact", DAMAGED.message, IS_OPEN.message),
    ),
    Case(
        "intact-without-checksum",
        "backups verify",
        BackupChecks((BackupCheck("one", VAULT, warnings=(DAMAGED,)),)),
        ExitCode.PARTIAL,
        ("one is intact", DAMAGED.message),
    ),
    Case(
        "intact",
        "backups verify",
        BackupChecks((BackupCheck("one", VAULT),)),
        ExitCode.DONE,
        ("one is intact",),
    ),
    Case("no-checks", "backups verify", BackupChecks(()), ExitCode.NOTHING_FOUND, ("no backups",)),
    Case(
        "settings",
        "config",
        Configuration(
            HOME / "config.toml",
            exists=False,
            command="",
            values=(
                Effective("site", ["amazon", EVIL], "file"),
                Effective("quiet", True, "environment"),  # noqa: FBT003  a value
                Effective("keep", frozenset({Category.CACHE}), "option"),
                Effective("lang", None, "default"),
            ),
        ),
        ExitCode.DONE,
        ("no such file", "amazon", "true", "cache", "environment", "default"),
    ),
    Case(
        "completion",
        "completion",
        CompletionScript("bash", "line one\n  line  two"),
        ExitCode.DONE,
        ("line one\n  line  two",),
    ),
    Case(
        "key",
        "backups key",
        NewKey(HOME / "key.txt", PUBLIC_KEY),
        ExitCode.DONE,
        ("The secret key is in", "do not lose it", PUBLIC_KEY, "--encrypt-to"),
    ),
    Case(
        "deleted",
        "backups delete",
        BackupDeletion(BACKUP, done=True),
        ExitCode.DONE,
        (f"The backup {BACKUP_ID} was deleted.",),
    ),
    Case(
        "to-delete",
        "backups delete",
        BackupDeletion(BROKEN, done=False),
        ExitCode.DONE,
        ("would be deleted", "cannot be read"),
    ),
    Case(
        "pruned",
        "backups prune",
        Pruning(
            PrunePlan(
                (
                    Verdict(BACKUP, Reason.RECENT),
                    Verdict(BROKEN, Reason.NEEDED),
                    Verdict(BROKEN, Reason.TOO_OLD),
                )
            ),
            done=True,
        ),
        ExitCode.DONE,
        ("were deleted", "older than asked for", "These backups stay", "recent"),
    ),
    Case(
        "nothing-to-prune",
        "backups prune",
        Pruning(PrunePlan(()), done=False),
        ExitCode.DONE,
        ("Nothing was deleted",),
    ),
]


def as_text(result: Result) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=120, markup=False, emoji=False, highlight=False)
    for each in view_of(result).text(result):
        console.print(each, crop=False)
    return stream.getvalue()


def as_json(case: Case) -> dict[str, Any]:
    made = envelope(
        case.command,
        case.result.exit_code,
        data=view_of(case.result).data(case.result),
        problems=case.result.problems,
    )
    decoded: dict[str, Any] = json.loads(json.dumps(made))
    return decoded


def keys(value: object, path: str = "") -> Iterator[str]:
    """Every key as a path, but for keys that are data themselves (hosts, tables)."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield f"{path}.{key}"
            if key not in ("hosts", "details", "rows"):
                yield from keys(child, f"{path}.{key}")
    elif isinstance(value, list):
        for child in value:
            yield from keys(child, path)


def declared(schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """The same of a schema, references followed."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/").replace("%20", " ")
        yield from declared(SCHEMA["$defs"][name], path)
    for option in schema.get("oneOf", ()):
        yield from declared(option, path)
    if "items" in schema:
        yield from declared(schema["items"], path)
    for key, child in schema.get("properties", {}).items():
        yield f"{path}.{key}"
        yield from declared(child, f"{path}.{key}")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_result_says_in_words_what_a_person_needs(case: Case) -> None:
    text = as_text(case.result)
    for words in case.says:
        assert re.sub(r"\s+", " ", words.strip()) in re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_text_can_control_the_terminal(case: Case) -> None:
    text = as_text(case.result)
    assert not [each for each in text if not (each.isprintable() or each == "\n")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_result_ends_with_its_exit_code(case: Case) -> None:
    assert case.result.exit_code is case.code


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_json_of_a_result_follows_the_schema(case: Case) -> None:
    Draft202012Validator(SCHEMA).validate(as_json(case))


@pytest.mark.parametrize("command", sorted({case.command for case in CASES}))
def test_the_schema_pins_every_key_of_a_command_and_no_other(command: str) -> None:
    made = {key for case in CASES if case.command == command for key in keys(as_json(case)["data"])}
    assert made == set(declared(SCHEMA["$defs"][command]))


def test_every_kind_of_result_has_a_view() -> None:
    kinds = {
        kind
        for module in (results, backup_results)
        for kind in vars(module).values()
        if isinstance(kind, type)
        and kind.__module__ == module.__name__
        and kind is not Result
        and hasattr(kind, "exit_code")
    }
    assert {kind.__name__ for kind in kinds} <= set(_VIEWS)
    assert {type(case.result).__name__ for case in CASES} <= set(_VIEWS)


def test_the_schema_is_itself_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "loginfix/2"},
        {"status": "error"},
        {"exit_code": 4},
        {"data": None},
        {"error": {"code": "x", "message": "", "next_step": "", "path": None}},
        {"problems": [{"code": "x"}]},
    ],
)
def test_the_schema_refuses_an_envelope_that_contradicts_itself(change: dict[str, Any]) -> None:
    made = as_json(CASES[0])
    assert Draft202012Validator(SCHEMA).is_valid(made)
    assert not Draft202012Validator(SCHEMA).is_valid({**made, **change})
