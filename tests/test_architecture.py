"""Who may import whom: the table in ``docs/explanation/architecture.md``."""

import ast
from pathlib import Path

import pytest

import loginfix

ROOT = Path(loginfix.__file__).parent
MAY_IMPORT = {
    "words": set[str](),
    "workers": set[str](),
    "progress": set[str](),
    "errors": set[str](),
    "data": set[str](),
    "directories": set[str](),
    "formats": set[str](),
    "sites": {"errors", "data", "files"},
    "browsers": {"errors", "data", "files"},
    "files": {"errors"},
    "stores": {"errors", "data", "sites", "files", "formats", "browsers.model", "workers"},
    "tracing": {"errors", "data", "sites", "files", "browsers.model", "workers"},
    "vault": {"errors", "files", "stores.model"},
    "doctor": {"errors", "data", "sites", "browsers", "files", "formats", "stores"},
    "clearing": {
        "errors",
        "directories",
        "sites",
        "browsers",
        "files",
        "stores",
        "tracing",
        "vault",
    },
    "schedule": {"errors", "directories", "sites", "files", "stores", "vault", "clearing"},
    "users": {"errors", "files"},
    "api": {
        "errors",
        "directories",
        "sites",
        "browsers",
        "files",
        "stores",
        "tracing",
        "vault",
        "clearing",
        "doctor",
        "users",
    },
    "demo": {"errors", "data", "directories", "sites", "browsers", "clearing"},
}
FREE = {"cli", "reports", "__init__", "__main__"}


def imports_of(path: Path) -> set[str]:
    """The modules of ours that a module imports, without ``loginfix.``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name.removeprefix("loginfix.") for name in found if name.startswith("loginfix.")}


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def package_of(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").parts[0]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_package_may(path: Path) -> None:
    package = package_of(path)
    if package in FREE:
        return
    allowed = MAY_IMPORT[package] | {package}
    if package != "formats":
        allowed |= {"words", "progress"}
    for name in imports_of(path):
        assert any(name == each or name.startswith(f"{each}.") for each in allowed), name


def test_only_the_command_line_imports_the_command_line() -> None:
    for path in modules():
        if package_of(path) not in ("cli", "__main__"):
            assert not any(name.startswith("cli") for name in imports_of(path)), path


def test_only_what_shows_results_imports_the_library_and_no_more_than_them() -> None:
    for path in modules():
        package = package_of(path)
        used = {name for name in imports_of(path) if name.split(".")[0] == "api"}
        if package == "reports":
            assert used <= {"api.results", "api.backup_results"}, path
        elif package not in ("api", "cli", "__init__"):
            assert not used, path


def test_every_package_says_what_lives_in_it() -> None:
    for path in ROOT.rglob("__init__.py"):
        assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), path


def test_the_page_names_every_package() -> None:
    page = (ROOT.parents[1] / "docs/explanation/architecture.md").read_text("utf-8")
    for package in MAY_IMPORT:
        assert f"`{package}`" in page, package
