"""Makes ``docs/reference/library.md`` from the docstrings: ``python -m loginfix.api.reference``."""

import ast
import inspect
import re
import sys
from collections.abc import Iterator

import loginfix
from loginfix.api import backup_results, results
from loginfix.clearing import plan, recover
from loginfix.clearing import results as runs

_HEAD = """# Library

What `import loginfix` offers: the functions that the commands call themselves. Nothing of it prints
or asks. Made by `python -m loginfix.api.reference` from the docstrings; a test holds the two
together, and another runs this example on a recorded profile:

```python
import loginfix

found = loginfix.find("amazon", browsers=["firefox"], keep=["history"])
for profile in found.plan.profiles:
    for finding in profile.found:
        print(profile.profile.label, finding.title, finding.items, finding.size)

cleared = loginfix.clear(found)
for problem in cleared.problems:  # what was left alone, and what a person can do about it
    print(problem.message, problem.next_step)

assert not loginfix.trace("amazon", browsers=["firefox"]).problems
restored = loginfix.restore(cleared.result.backup_id)
assert restored.exit_code == loginfix.ExitCode.DONE

try:
    loginfix.find("amazn")
except loginfix.LoginfixError as error:
    print(error.code, error.message, error.next_step)
```

- Everything but what a function is about is given by name.
- Every function is about this computer and whoever runs the process, unless it is given another
  `Machine`.
- Every expected failure is a `LoginfixError`, with a message, a next step, and a stable `code`; its
  classes are in `loginfix.errors`. What was left alone while the rest went on is in the result's
  `problems`.
- `find`, `trace` and `diagnose` change nothing. `clear` makes a backup first; `restore` puts it
  back.
- What is said is English, until `loginfix.words.use("ja")`.
- Names that are not on this page may change in any version.
"""

_FUNCTIONS = (
    "find",
    "clear",
    "restore",
    "recover",
    "trace",
    "diagnose",
    "installed_browsers",
    "known_sites",
    "backups",
    "backup",
    "check_backups",
    "delete_backup",
    "prune_backups",
    "new_key",
    "find_selected",
)
_TYPES = ("Machine", "Selection", "Category", "Doing", "Problem", "LoginfixError", "ExitCode")
_RESULTS: tuple[type, ...] = (
    results.DryRun,
    plan.Plan,
    plan.ProfilePlan,
    results.Clearing,
    runs.ClearResult,
    runs.RestoreResult,
    recover.RecoverResult,
    results.Tracing,
    results.Consultation,
    results.BrowserList,
    results.SiteList,
    backup_results.BackupList,
    backup_results.BackupDetails,
    backup_results.BackupChecks,
    backup_results.BackupDeletion,
    backup_results.Pruning,
    backup_results.NewKey,
)


def reference() -> str:
    """The whole document."""
    return "\n".join(
        [
            _HEAD,
            "## Functions\n",
            *(_function(name) for name in _FUNCTIONS),
            "## Types\n",
            *(_type(getattr(loginfix, name)) for name in _TYPES),
            "## Results\n",
            *map(_type, _RESULTS),
        ]
    )


def _function(name: str) -> str:
    function = getattr(loginfix, name)
    source = inspect.getsource(function)
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.FunctionDef)  # noqa: S101  for the type checker
    head = source.splitlines()[: node.body[0].lineno - 1]
    signature = "\n".join(head).removeprefix("def ").removesuffix(":")
    return _section(name, f"```python\n{signature}\n```", _text(function))


def _type(kind: type) -> str:
    (node,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(node, ast.ClassDef)  # noqa: S101  for the type checker
    return _section(kind.__name__, _text(kind), "\n".join(_members(node)))


def _members(node: ast.ClassDef) -> Iterator[str]:
    """The fields, values and properties of a class, a line each."""
    for each in node.body:
        match each:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind, value=value):
                default = f" = {ast.unparse(value)}" if value and name.islower() else ""
                yield f"- `{name}: {ast.unparse(kind)}{default}`"
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield f"- `{name} = {ast.unparse(value)}`"
            case ast.FunctionDef(name=name, returns=kind) if _is_property(each) and kind:
                yield f"- `{name}: {ast.unparse(kind)}`: {_first_line(each)}"


def _is_property(node: ast.FunctionDef) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "property" for each in node.decorator_list)


def _first_line(node: ast.FunctionDef) -> str:
    return (ast.get_docstring(node) or "").partition("\n")[0]


def _text(thing: object) -> str:
    """A docstring as Markdown: one kind of code marks, lists for the parts."""
    text = (inspect.getdoc(thing) or "").replace("``", "`")
    text = re.sub(r"^(\w+):\n(?=    )", r"\1:\n\n", text, flags=re.MULTILINE)
    text = re.sub(r"^    (\w+): (?=\S)", r"- `\1`: ", text, flags=re.MULTILINE)
    return re.sub(r"^    +", "  ", text, flags=re.MULTILINE)


def _section(title: str, *parts: str) -> str:
    return "\n\n".join([f"### {title}", *filter(None, parts)]) + "\n"


if __name__ == "__main__":
    sys.stdout.write(reference())
