"""What a command may leave when a fault has struck it.

After ``recover``, a profile is exactly as before the command or exactly as after it, and whenever
something is gone from it, there is a backup that brings back exactly what it should. A second
``recover`` finds nothing to do. A command that was not killed says truly how it ended.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from faults.calls import VAULT, Point, Side
from faults.jobs import PRUNE, RESTORE, Job
from faults.processes import Ended, Server
from faults.states import profile_state, vault_state
from loginfix.errors import ExitCode

_RECOVERED = (ExitCode.DONE, ExitCode.NOTHING_FOUND)
# Which exit codes say that which side has failed. What cannot be read or edited safely is left
# alone, and said to be.
_SAYS = {
    Side.PROFILE: {
        ExitCode.PARTIAL,
        ExitCode.PROFILE_UNREADABLE,
        ExitCode.PROFILE_WRITE_FAILED,
        ExitCode.VERIFICATION_FAILED,
    },
    Side.VAULT: {ExitCode.BACKUP_FAILED, ExitCode.BACKUP_DAMAGED, ExitCode.PARTIAL},
}
_NOT_DELETED = "backup-not-deleted"  # has no exit code of its own


class Outcome(StrEnum):
    """What the fault has come to."""

    BEFORE = "before"
    AFTER = "after"
    PARTIAL = "partial"  # some stores were left alone, and the command said so
    MIXED = "mixed"
    LOST = "lost"
    UNFIRED = "unfired"


@dataclass
class Verdict:
    """The outcome at one point, and in what the command was wrong besides."""

    point: Point
    outcome: Outcome
    wrong: list[str] = field(default_factory=list)


def judge(
    job: Job, home: Path, point: Point, ended: Ended, server: Server, *, for_good: bool = False
) -> Verdict:
    """Recover, and look at what is there. ``server`` runs commands that nothing strikes.

    Where calls fail ``for_good``, both sides do, and either may be told.
    """
    if ended.struck is None or ended.struck.path_below(home) is None:
        return Verdict(point, Outcome.UNFIRED)
    killed = ended.code < 0  # by the fault, or of it: memory that stands for a file may be missing
    sides = tuple(Side) if for_good else (point.side,)
    wrong = [] if killed else list(_claims(job, home, sides, ended))
    recovered = server.run(home, "recover")
    if recovered.code not in _RECOVERED:
        wrong.append(f"recover: {recovered.code} {_words(recovered)}")
    outcome = _outcome(job, home, ended)
    wrong += _unsettled(home, server)
    wrong += _badly_kept(job, home, outcome, server)
    if outcome is not Outcome.MIXED and not _can_be_put_back(job, home, outcome, server):
        outcome = Outcome.LOST
    return Verdict(point, outcome, wrong)


def _outcome(job: Job, home: Path, ended: Ended) -> Outcome:
    state = profile_state(home)
    if job.arguments == PRUNE:
        if state != job.before:
            return Outcome.MIXED
        left, all_of_them = len(_backups(home)), len(_backups(job.home))
        return Outcome.BEFORE if left == all_of_them else Outcome.AFTER
    if state in (job.before, job.after):
        return Outcome.BEFORE if state == job.before else Outcome.AFTER
    if ended.code == ExitCode.PARTIAL and all(
        state.get(path) in (job.before.get(path), job.after.get(path))
        for path in state.keys() | job.before.keys() | job.after.keys()
    ):
        return Outcome.PARTIAL
    return Outcome.MIXED


def _claims(job: Job, home: Path, sides: Iterable[Side], ended: Ended) -> Iterator[str]:
    """What a command that was not killed said, and is not true."""
    if ended.code == ExitCode.DONE:
        if profile_state(home) != job.goal:
            yield "claims success, and the profile is not as it should be"
        if list((home / VAULT / "journal").glob("*.journal")):
            yield "claims success, and the run is not finished"
        return
    names_the_side = any(ended.code in _SAYS[side] for side in sides) or (
        Side.VAULT in sides and any(each["code"] == _NOT_DELETED for each in _problems(ended))
    )
    if not names_the_side:
        yield f"says {ended.code} of a fault in the {' and '.join(sides)}: {_words(ended)}"
    paths = [problem.get("path") for problem in _problems(ended)]
    if not any(path and Path(path).is_relative_to(home) for path in paths):
        yield f"names no file: {_words(ended)}"


def _problems(ended: Ended) -> list[dict[str, str]]:
    error = ended.said.get("error")
    return [*ended.said.get("problems", []), *([error] if error else [])]


def _words(ended: Ended) -> str:
    """What it said, for a person who looks into it."""
    said = [f"{problem['code']}: {problem['message']}" for problem in _problems(ended)]
    return " / ".join(said) or ended.text[-500:]


def _unsettled(home: Path, server: Server) -> Iterator[str]:
    """What a second ``recover`` still finds, or changes."""
    before = profile_state(home), vault_state(home)
    again = server.run(home, "recover")
    if again.code != ExitCode.NOTHING_FOUND:
        yield f"recover, once more: {again.code} {_words(again)}"
    if (profile_state(home), vault_state(home)) != before:
        yield "recover, once more, changes something"


def _badly_kept(job: Job, home: Path, outcome: Outcome, server: Server) -> Iterator[str]:
    """What is wrong with the backups, and what killed runs have left beside them."""
    vault = home / VAULT
    for path in vault.rglob("*"):
        if path.is_file() and path.suffix in (".journal", ".tmp", ".part"):
            yield f"left behind: {path.name}"
    backups = _backups(home)
    if backups and (checked := server.run(home, "backups", "verify")).code != ExitCode.DONE:
        yield f"backups verify: {checked.code} {_words(checked)}"
    clears = job.after == job.cleared and job.arguments != PRUNE
    if clears and outcome is Outcome.BEFORE and backups:
        yield "a backup of what was never removed"


def _can_be_put_back(job: Job, home: Path, outcome: Outcome, server: Server) -> bool:
    """Whether restoring brings back what is gone."""
    if outcome is Outcome.PARTIAL:
        return server.run(home, *RESTORE).code == ExitCode.DONE
    if profile_state(home) != job.cleared:
        return True
    return server.run(home, *RESTORE).code == ExitCode.DONE and (
        profile_state(home) == job.restored
    )


def _backups(home: Path) -> list[Path]:
    return sorted((home / VAULT / "backups").glob("*.loginfix"))
