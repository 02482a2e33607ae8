import io

from rich.console import Console

from loginfix.reports.layout import Line, Lines, Paragraph, fields, table


def printed(lines: Lines, width: int = 40) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, markup=False, emoji=False, highlight=False)
    for each in lines:
        console.print(each, crop=False)
    return stream.getvalue()


PATH = "/home/somebody/.config/a-very-long-directory-name/Default/Network/Cookies"


def test_a_paragraph_is_wrapped_at_spaces_with_its_indent() -> None:
    text = printed([Paragraph("one two three four five six seven eight nine", indent=4)])
    assert text == "    one two three four five six seven\n    eight nine\n"


def test_a_path_in_a_paragraph_stays_whole() -> None:
    assert PATH in printed([Paragraph(f"The file {PATH} was left alone.")])


def test_a_line_stays_whole_however_narrow_the_terminal() -> None:
    assert printed([Line(f"loginfix restore {PATH}", indent=2)]) == f"  loginfix restore {PATH}\n"


def test_fields_stay_whole_and_stand_below_each_other() -> None:
    assert printed(fields([("Profile", PATH), ("Size", "1 byte")])) == (
        f"  Profile  {PATH}\n  Size     1 byte\n"
    )


def test_a_long_cell_at_the_end_of_a_row_is_wrapped_not_cut() -> None:
    text = printed(
        table(["What", "Hosts"], [("Cookies", "amazon.com (1), amazon.de (2)")], right=())
    )
    assert "amazon.com (1)," in text
    assert "amazon.de (2)" in text
    assert all(len(line) <= 40 for line in text.splitlines())


def test_an_id_in_a_table_is_never_cut() -> None:
    backup = "20261124-035030-" + "example.com-" * 5
    lines = printed(table(["Backup", "Size"], [(backup, "1.0 KiB")], right=(1,))).splitlines()
    assert "".join(line.split()[0] for line in lines[1:]) == backup


def test_text_of_others_is_never_markup_or_control() -> None:
    name = "[red]\x1b[2J:smile:\nSecond"
    for shape in (
        [Paragraph(name)],
        [Line(name)],
        fields([("Name", name)]),
        table(["Name"], [[name]], right=()),
    ):
        assert "[red]\ufffd[2J:smile:\ufffdSecond" in printed(shape)
