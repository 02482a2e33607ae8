from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from loginfix.errors import Problem
from loginfix.vault.model import BackupSummary
from loginfix.vault.retention import PrunePlan, Reason, plan_prune

NOW = datetime(2026, 11, 24, tzinfo=UTC)
DAMAGED = Problem("backup-damaged", "", "")


def backups(*ages: float, damaged: tuple[int, ...] = ()) -> list[BackupSummary]:
    """Give backups of these ages in days; their ids are their numbers."""
    return [
        BackupSummary(
            str(number),
            NOW - timedelta(days=age),
            1,
            problem=DAMAGED if number in damaged else None,
        )
        for number, age in enumerate(ages)
    ]


def reasons(plan: PrunePlan) -> list[str]:
    return [verdict.reason for verdict in plan.verdicts]


def test_without_a_limit_nothing_goes() -> None:
    plan = plan_prune(backups(0, 9999), now=NOW)
    assert plan.going == ()
    assert len(plan.staying) == 2


def test_either_limit_is_enough_to_go() -> None:
    plan = plan_prune(backups(1, 2, 3, 40), now=NOW, keep_count=2, keep_days=30)
    assert reasons(plan) == ["recent", "recent", "too-many", "too-old"]


def test_a_backup_may_be_exactly_as_old_as_the_limit() -> None:
    assert reasons(plan_prune(backups(30, 30.001), now=NOW, keep_days=30)) == ["recent", "too-old"]


def test_keeping_none_deletes_all() -> None:
    assert reasons(plan_prune(backups(1, 2), now=NOW, keep_count=0)) == ["too-many"] * 2


def test_what_a_run_has_come_to_need_since_the_plan_is_spared() -> None:
    plan = plan_prune(backups(1, 2, 3), now=NOW, keep_count=0)
    assert reasons(plan.sparing({"1"})) == ["too-many", "needed", "too-many"]


def test_what_an_unfinished_run_needs_stays() -> None:
    plan = plan_prune(backups(1, 99), now=NOW, keep_count=0, keep_days=0, protected={"0", "1"})
    assert reasons(plan) == ["needed", "needed"]


def test_a_damaged_backup_does_not_push_out_a_whole_one() -> None:
    plan = plan_prune(backups(1, 2, 3, damaged=(0,)), now=NOW, keep_count=1)
    assert reasons(plan) == ["recent", "recent", "too-many"]


def test_a_damaged_backup_goes_when_it_is_old() -> None:
    plan = plan_prune(backups(1, 40, damaged=(0, 1)), now=NOW, keep_count=0, keep_days=30)
    assert reasons(plan) == ["recent", "too-old"]


@given(
    st.lists(st.floats(0, 100)),
    st.none() | st.integers(0, 9),
    st.none() | st.integers(0, 99),
    st.sets(st.integers(0, 20)),
)
def test_each_backup_has_one_verdict_and_none_that_is_needed_goes(
    ages: list[float], keep_count: int | None, keep_days: int | None, needed: set[int]
) -> None:
    protected = {str(number) for number in needed}
    listed = backups(*sorted(ages))
    plan = plan_prune(
        listed, now=NOW, keep_count=keep_count, keep_days=keep_days, protected=protected
    )
    assert [verdict.backup for verdict in plan.verdicts] == listed
    assert not protected & {verdict.backup.id for verdict in plan.going}
    recent = [verdict for verdict in plan.staying if verdict.reason is Reason.RECENT]
    assert keep_count is None or len(recent) <= keep_count
