"""One page in a tab's history, as Chromium's session files hold it.

Source: ``components/sessions/core/serialized_navigation_entry.cc``, ``WriteToPickle``, behind the
number of the tab. Fields were added over the years; a record may end after any of them.
"""

from dataclasses import dataclass, replace

from loginfix.formats import page_state
from loginfix.formats.chromium_pickle import PickleError, PickleReader, PickleWriter
from loginfix.formats.page_state import Found
from loginfix.sites.forms import FORMS
from loginfix.sites.site import Site
from loginfix.stores.sessions.pages import mentioned, page_host

_FIELDS = {
    "tab": "int32",
    "index": "int32",
    "url": "string",
    "title": "string16",
    "page_state": "string",
    "transition": "int32",
    "type_mask": "int32",
    "referrer": "string",
    "old_referrer_policy": "int32",
    "original_url": "string",
    "overrides_user_agent": "int32",
    "time": "int64",
    "search_terms": "string16",
    "status": "int32",
    "referrer_policy": "int32",
}
_REQUIRED = 6
_HAS_POST_DATA = 1
_MAX_EXTRA = 1000
_EMPTY_PAGES = (
    "about:blank",
    "chrome://newtab/",
    "chrome://new-tab-page/",
    "chrome://new-tab-page-third-party/",
    "chrome-search://local-ntp/local-ntp.html",
    "edge://newtab/",
    "brave://newtab/",
    "opera://startpage/",
    "vivaldi://startpage/",
)


@dataclass(frozen=True, slots=True)
class Navigation:
    """A page: its ``values`` by field, its extra values, and what newer versions put behind."""

    values: dict[str, bytes | int]
    extra: tuple[tuple[bytes, bytes], ...] | None
    rest: bytes

    @property
    def tab(self) -> int:
        """The number of the tab."""
        return int(self.values["tab"])

    @property
    def index(self) -> int:
        """The page's place in the tab's history."""
        return int(self.values["index"])

    @property
    def url(self) -> str:
        """The page's address."""
        return self.text("url")

    @property
    def is_empty_page(self) -> bool:
        """Whether it is only where a new tab begins."""
        return self.url in _EMPTY_PAGES or not self.url

    def text(self, field: str) -> str:
        """A field's text; empty where a record ends before it."""
        value = self.values.get(field, b"")
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""

    def owner(self, site: Site) -> str | None:
        """The site's host that the page is of."""
        return page_host(self.url, site)

    def to_bytes(self) -> bytes:
        """The payload of its command."""
        writer = PickleWriter()
        for name, value in self.values.items():
            getattr(writer, _FIELDS[name])(value)
        if self.extra is not None:
            writer.int32(len(self.extra))
            for pair in self.extra:
                for text in pair:
                    writer.string(text)
        writer.raw(self.rest)
        return writer.to_bytes()


def read_navigation(payload: bytes) -> Navigation:
    """Read the payload of a command that tells of a page.

    Raises:
        PickleError: It cannot be read, or could not be written again as it is.
    """
    reader = PickleReader(payload)
    values: dict[str, bytes | int] = {}
    extra = None
    for number, (name, kind) in enumerate(_FIELDS.items()):
        if reader.at_end and number >= _REQUIRED:
            break
        values[name] = getattr(reader, kind)()
    else:
        if not reader.at_end:
            extra = _read_extra(reader)
    navigation = Navigation(values, extra, reader.rest())
    if navigation.to_bytes() != payload:
        raise PickleError("a page in it cannot be written again as it is")
    return navigation


def _read_extra(reader: PickleReader) -> tuple[tuple[bytes, bytes], ...]:
    count = reader.int32()
    if not 0 <= count <= _MAX_EXTRA:
        raise PickleError(f"a page in it has {count} extra values")
    return tuple((reader.string(), reader.string()) for _ in range(count))


def without_traces(navigation: Navigation, site: Site) -> Navigation:
    """The page of another site, without what says that the site led to it or was shown in it.

    A referrer and the address that a redirect came from become empty, as where the browser does not
    know them. So do a referrer and an initiator in the page state. Where a frame in it is the
    site's, the whole state goes, with scroll position and typed text: a frame without an address
    would come back broken, a page without state is loaded anew. Its own address and title stay.

    Raises:
        PickleError: Something that is not understood names the site.
    """
    values = dict(navigation.values)
    for field in ("referrer", "original_url"):
        if page_host(navigation.text(field), site):
            values[field] = b""
    state = values["page_state"]
    if isinstance(state, bytes) and state:
        values["page_state"] = _state_without_traces(state, navigation.text("referrer"), site)
        if not values["page_state"] and "type_mask" in values:
            values["type_mask"] = int(values["type_mask"]) & ~_HAS_POST_DATA
    extra = navigation.extra and tuple(
        (key, b"" if mentioned(value, site) else value) for key, value in navigation.extra
    )
    if mentioned(navigation.rest, site):
        raise PickleError("a page in it has values of an unknown kind that name the site")
    return replace(navigation, values=values, extra=extra)


def _state_without_traces(state: bytes, referrer: str, site: Site) -> bytes:
    traces = [each for each in page_state.urls(state) if site.owns(FORMS["url"](each.text))]
    if all(_led_here(state, each, referrer, site) for each in traces):
        return page_state.blank(state, traces)
    return b""


def _led_here(state: bytes, found: Found, referrer: str, site: Site) -> bool:
    """Whether a string is the referrer of a page, or the origin that asked for it."""
    origin = "/".join(referrer.split("/")[:3])
    return (
        page_host(referrer, site) is not None
        and found.text in (referrer, origin)
        and page_state.is_whole_string(state, found)
    )
