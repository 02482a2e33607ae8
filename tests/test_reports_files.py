"""Reports to keep: as Markdown, CSV and the rest; whole or not at all; with less in them."""

import csv
import io
import json
import os
import re
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import reports_to_keep as made
import synthetic
from loginfix.clearing.plan import ProfilePlan
from loginfix.errors import ReportError, UsageError
from loginfix.reports.files import check_report, write_report
from loginfix.reports.redaction import Redaction
from loginfix.stores.model import Category
from test_cli_program import invoke

SCHEMA = json.loads(
    Path(__file__).parent.parent.joinpath("docs/reference/json-schema.json").read_text("utf-8")
)
FORMS = ("html", "json", "md", "csv", "txt")


def written(result: object, form: str, tmp_path: Path, redaction: Redaction | None = None) -> str:
    path = tmp_path / f"report.{form}"
    write_report(result, "clear-cache", path, redaction)  # type: ignore[arg-type]
    return path.read_bytes().decode("utf-8-sig")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


class TestCsv:
    def test_it_has_every_item_as_data(self, tmp_path: Path) -> None:
        rows = rows_of(written(made.dry_run(), "csv", tmp_path))
        assert len(rows) == sum(f.items for p in made.everyday() for f in p.findings)
        assert list(rows[0]) == [
            *("profile", "category", "store", "name", "host", "items", "size", "used"),
        ]
        assert rows[0]["profile"] == "Google Chrome (花子)"
        assert rows[0]["name"].startswith("https://www.amazon.co.jp/dp/B")
        assert rows[0]["used"].endswith("+00:00")
        assert int(rows[0]["size"]) > 0

    def test_no_cell_is_a_formula(self, tmp_path: Path) -> None:
        text = written(made.hostile(), "csv", tmp_path)
        cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
        assert len(cells) > 50
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
        assert "'=cmd|' /C calc'!A0" in cells
        assert "'@SUM(1+1)" in cells

    @pytest.mark.parametrize("mark", "=+-@＝＋－＠|%")  # noqa: RUF001  those of Japanese Excel
    def test_every_beginning_of_a_formula_is_defused(self, mark: str, tmp_path: Path) -> None:
        plan = made.dry_run(
            ProfilePlan(made.profile(), (made.finding(Category.COOKIES, (f" {mark}1",)),))
        )
        (row,) = rows_of(written(plan, "csv", tmp_path))
        assert row["name"] == f"' {mark}1"

    def test_every_row_is_one_line(self, tmp_path: Path) -> None:
        text = written(made.hostile(), "csv", tmp_path)
        assert text.count("\n") == 1 + len(made.HOSTILE)


class TestMarkdown:
    def test_it_tells_what_the_page_tells(self, tmp_path: Path) -> None:
        text = written(made.dry_run(), "md", tmp_path)
        assert text.startswith("# Amazon\\: what would be removed\n")
        assert "## What stays, and why" in text
        assert "| Google Chrome (花子) | Web cache | Web cache | 40 |" in text

    def test_names_cannot_become_pictures_links_or_columns(self, tmp_path: Path) -> None:
        text = written(made.hostile(), "md", tmp_path)
        # What is behind a backslash is text.
        for line in re.sub(r"\\.", "", text).splitlines():
            assert not re.search(r"[<>`~]|!\[|\]\(|\*\*b|_", line.removeprefix("**")), line
        rows = [row for row in text.splitlines() if row.startswith("| Google")]
        assert {re.sub(r"\\.", "", row).count("|") for row in rows} == {4, 7, 9}

    def test_a_long_table_is_cut_and_says_so(self, tmp_path: Path) -> None:
        text = written(made.large(3_000), "md", tmp_path)
        assert "200 of 3,000 rows" in text
        assert len(text.splitlines()) < 500


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("result", [made.cleared(), made.cleared(left=True)], ids=["gone", "left"])
def test_the_way_back_is_in_every_report_of_a_clear(
    form: str, result: object, tmp_path: Path
) -> None:
    text = written(result, form, tmp_path)
    if form != "csv":
        assert "loginfix restore 20261124-120000-amazon" in text
    if form == "json":
        Draft202012Validator(SCHEMA).validate(json.loads(text))


class TestRedaction:
    REDACTION = Redaction(
        [made.HOME], ["hanako.yamada", "shop-pc"], [made.profile(), made.everyday()[1].profile]
    )

    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("result", [made.dry_run(), made.cleared(left=True)])
    def test_nothing_personal_is_left_in_any_form(
        self, form: str, result: object, tmp_path: Path
    ) -> None:
        whole = written(result, form, tmp_path)
        text = written(result, form, tmp_path, self.REDACTION)
        if form == "json":
            Draft202012Validator(SCHEMA).validate(json.loads(text))
            whole, text = (json.dumps(json.loads(it), ensure_ascii=False) for it in (whole, text))
        assert "花子" in whole
        for personal in ("hanako", "花子", "仕事", "/dp/B", "ref=nav"):
            assert personal not in text
        assert "www.amazon.co.jp" in text

    @pytest.mark.parametrize(
        ("text", "less"),
        [
            ("https://www.amazon.co.jp/", "https://www.amazon.co.jp/"),
            ("https://www.amazon.co.jp", "https://www.amazon.co.jp"),
            ("https://a.jp/dp/1?q=x#y", "https://a.jp/…"),
            ("https://a.jp?q=x", "https://a.jp/…"),
            ('https://a.jp/it\'s "here" <b> and there', "https://a.jp/…"),
            ("https://me:secret@a.jp:8443/x", "https://a.jp:8443/…"),
            ("blob:https://a.jp/0a1b", "blob:https://a.jp/…"),
            ("see https://a.jp/x?y now", "see https://a.jp/… now"),
            ("https://b.jp/^0https://a.jp/x", "https://b.jp/…"),
            ("data:text/html,secret", "data:…"),
            ("mailto:me@a.jp", "mailto:…"),
            ("file:///home/taro/x", "file:///…"),
            ("/home/taro/.config/x is damaged", "~/.config/x is damaged"),
            ("/Users/taro/Library/x", "~/Library/x"),
            (r"C:\Users\Taro\AppData\x", r"~\AppData\x"),
            ("signed in as taro@a.example.jp", "signed in as …@…"),
            ("hanako.yamada is not allowed to", "… is not allowed to"),
            ("on shop-pc", "on …"),
            ("session-id", "session-id"),
        ],
    )
    def test_of_each_kind_of_text_the_personal_part_goes(self, text: str, less: str) -> None:
        assert self.REDACTION.text(text) == less

    @pytest.mark.parametrize(
        "text", ["a." * 100_000, "a@" * 100_000, "a" * 200_000, "a:/" * 60_000]
    )
    def test_no_name_takes_long(self, text: str) -> None:
        start = time.monotonic()
        self.REDACTION.text(text)
        assert time.monotonic() - start < 10

    def test_a_name_that_says_nothing_is_no_secret(self) -> None:
        redaction = Redaction([], ["root", "me", "user"], [])
        assert redaction.text("root and me and the user") == "root and me and the user"


class TestWriting:
    def test_only_its_owner_can_read_it(self, tmp_path: Path) -> None:
        written(made.dry_run(), "html", tmp_path)
        (path,) = tmp_path.iterdir()
        if os.name == "posix":
            assert path.stat().st_mode & 0o777 == 0o600

    def test_a_failure_leaves_what_was_there(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "report.csv"
        path.write_text("before", "utf-8")

        def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", fail)
        with pytest.raises(ReportError, match="No space left"):
            write_report(made.dry_run(), "clear-cache", path)
        assert path.read_text("utf-8") == "before"
        assert list(tmp_path.iterdir()) == [path]

    @pytest.mark.parametrize("where", ["user_data", "path", "cache_path"])
    def test_it_is_never_written_among_the_files_of_a_browser(
        self, where: str, tmp_path: Path
    ) -> None:
        profile = synthetic.chromium(tmp_path)
        found = replace(
            made.profile(),
            user_data=profile.path.parent,
            path=profile.path,
            cache_path=tmp_path / "cache",
        )
        directory: Path = getattr(found, where)
        directory.mkdir(exist_ok=True)
        link = tmp_path / "link"
        link.symlink_to(directory)
        through = {
            "user_data": replace(found, user_data=link),
            "path": replace(found, path=link),
            "cache_path": replace(found, cache_path=link),
        }[where]
        for path in (directory / "a.html", link / "a.html"):
            for known in (found, through):
                with pytest.raises(UsageError, match="is among the files of Google Chrome"):
                    check_report(path, [known])
        check_report(tmp_path / "a.html", [found])

    def test_something_that_is_no_file_is_not_replaced(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "a.html")
        with pytest.raises(UsageError, match="something that is no file is there"):
            check_report(tmp_path / "a.html")


class TestCommand:
    def test_several_reports_of_a_dry_run(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        synthetic.firefox(home)
        asked = [f"--report={tmp_path / form}.{form}" for form in FORMS]
        ended = invoke(home, "clear-cache", "--site", "amazon", "--dry-run", *asked)
        assert ended.code == 0
        for form in FORMS:
            text = (tmp_path / f"{form}.{form}").read_text("utf-8")
            assert synthetic.SECRET not in text
            assert "ubid-main" in text or form == "txt"

    def test_a_report_that_fails_does_not_hide_what_was_done(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = tmp_path / "home"
        profile = synthetic.firefox(home)

        def fail(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(tempfile, "mkstemp", fail)
        asked = ("--report", str(tmp_path / "a.html"))
        ended = invoke(home, "clear-cache", "--site", "amazon", "--yes", "--json", *asked)
        assert ended.code == 18
        assert json.loads(ended.out)["status"] in ("ok", "partial")
        assert "cannot be written" in " ".join(ended.err.split())
        assert "www.amazon.co.jp" not in profile.hosts()

    def test_a_report_that_cannot_be_written_stops_before_anything_is_done(
        self, tmp_path: Path
    ) -> None:
        home = tmp_path / "home"
        profile = synthetic.firefox(home)
        asked = ("--report", str(profile.path / "a.html"))
        ended = invoke(home, "clear-cache", "--site", "amazon", "--yes", *asked)
        assert ended.code == 2
        assert "is among the files of Firefox" in " ".join(ended.err.split())
        assert "www.amazon.co.jp" in profile.hosts()

    def test_verbose_lists_items_without_a_value(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        cookies = [("www.amazon.co.jp", f"cookie-{number:02}") for number in range(30)]
        synthetic.firefox(home, [("www.amazon.com", "\x1b[2J" + "x" * 500), *cookies])
        ended = invoke(home, "clear-cache", "--site", "amazon", "--dry-run", "--verbose")
        assert "Cookies: 31 items" in ended.out
        assert "cookie-07" in ended.out
        assert "and 11 more" in ended.out
        assert synthetic.SECRET not in ended.out
        assert "\x1b[2J" not in ended.out
        assert 100 < ended.out.count("x") < 200
