"""The documentation: every page can be found, every link leads somewhere, every command works."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from loginfix.cli.program import main
from loginfix.sites.catalog import load_catalog

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def blocks(page: Path, *languages: str) -> Iterator[str]:
    """The blocks of code of a page in some languages."""
    pattern = r"^( *)```(\w+)\n(.*?)^ *```$"
    for _, language, text in re.findall(pattern, page.read_text("utf-8"), re.DOTALL | re.MULTILINE):
        if language in languages:
            yield text


def commands(page: Path) -> Iterator[list[str]]:
    """The words of every command of loginfix in a page's blocks."""
    for language, prompt in (("sh", ""), ("console", "$ ")):
        for line in (line for text in blocks(page, language) for line in text.splitlines()):
            # "…" stands for something that is too long to be printed.
            if line.strip().startswith(f"{prompt}loginfix ") and "…" not in line:
                yield shlex.split(line.strip().removeprefix(prompt), comments=True)[1:]


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if not target.startswith(("https://", "http://")):
            name, _, heading = target.partition("#")
            linked = page.parent / unquote(name) if name else page
            assert linked.exists(), target
            if heading and linked.suffix == ".md":
                assert heading in headings(linked), target


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made where pages are read."""
    lines = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


def test_every_page_can_be_found_from_the_index() -> None:
    index = (DOCS / "README.md").read_text("utf-8")
    for page in sorted({*DOCS.rglob("*.md")} - {*DOCS.glob("README*")}):
        assert f"]({page.relative_to(DOCS).as_posix()})" in index, page


@every_page
def test_every_command_in_the_text_is_understood(page: Path) -> None:
    for words in commands(page):
        # What an example calls a folder need not be on this computer.
        understand([re.sub(r"^(~|/mnt|/media)/.*", "/", word) for word in words])


def understand(words: list[str]) -> None:
    """Parse the words of a command as the program does, without running it."""
    # With its settings: click makes the help option of a command once, for all later contexts.
    ctx = click.Context(main, info_name="loginfix", **main.context_settings)
    while isinstance(ctx.command, click.Group) and words and not words[0].startswith("-"):
        name, command, words = ctx.command.resolve_command(ctx, words)
        assert command is not None
        if isinstance(command, click.Group):
            ctx = click.Context(command, ctx, name)
        else:
            ctx = command.make_context(name, words, parent=ctx)


def test_there_are_commands_to_understand() -> None:
    assert sum(len(list(commands(page))) for page in PAGES) > 30


def test_the_site_of_ones_own_works_as_written(tmp_path: Path) -> None:
    (example,) = blocks(DOCS / "how-to" / "own-site.md", "toml")
    tmp_path.joinpath("shop.toml").write_text(example, encoding="utf-8")
    site = load_catalog(tmp_path).resolve("shop")
    assert site.owns_host("www.shop.example.co.jp")
    assert site.owns_host("login.example.net")
    assert not site.owns_host("www.login.example.net")
    assert not site.owns_host("admin.shop.example.com")
    assert (
        load_catalog(tmp_path).resolve("shop", groups=["admin"]).owns_host("admin.shop.example.com")
    )
