import ntpath
import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.vault.errors import ContentError
from loginfix.vault.paths import check_relative


@pytest.mark.parametrize(
    "rel",
    [
        "Cookies",
        "Network/Cookies",
        "Cache/Cache_Data/0123456789abcdef_0",
        "storage/default/https+++www.amazon.com^userContextId=1/ls/data.sqlite",
        "storage/default/https+++example.com./idb",
        "..a/b..",
        "\udcff",
    ],
)
def test_paths_below_a_directory_are_taken(rel: str) -> None:
    assert check_relative(rel) == rel


@pytest.mark.parametrize(
    "rel",
    [
        "",
        "/",
        "/etc/passwd",
        "a//b",
        "a/",
        ".",
        "..",
        "a/../../b",
        "a/./b",
        ".. /b",
        "... /b",
        " /b",
        "..\\b",
        "a\\..\\..\\b",
        "C:/Windows",
        "C:b",
        "file:stream",
        "\\\\server\\share",
        "a\0b",
        "\ud800",
    ],
)
def test_paths_that_could_lead_elsewhere_are_refused(rel: str) -> None:
    with pytest.raises(ContentError, match="cannot leave the profile"):
        check_relative(rel)


@given(st.text("./\\:a ~"))
def test_no_system_is_led_out_of_the_profile(rel: str) -> None:
    try:
        check_relative(rel)
    except ContentError:
        return
    for module in (posixpath, ntpath):
        assert not module.isabs(rel)
        assert not module.splitdrive(rel)[0]
        base = module.join("x", "profile")
        assert module.normpath(module.join(base, rel)).startswith(base + module.sep)
