"""Whose page an address shows, and whether data of no known form names a site."""

import re
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

from loginfix.sites.forms import FORMS
from loginfix.sites.mentions import is_mentioned
from loginfix.sites.site import Site

# Pages of Firefox that stand for the page of a site, and the parameters that name it.
_ABOUT = re.compile(r"about:(?:reader|neterror|certerror|httpsonlyerror|blocked|tabcrashed)\?")
_PARAMETERS = ("url", "u")


def page_host(url: str, site: Site) -> str | None:
    """The site's host that a page's address names, be it an error page or the reader's view."""
    if _ABOUT.match(url):
        query = parse_qs(urlsplit(url).query)
        url = next((query[name][0] for name in _PARAMETERS if name in query), "")
    names = FORMS["url"](url)
    return names.host if site.owns(names) else None


def mentioned(data: bytes, site: Site) -> bool:
    """Whether a host of the site occurs in the data, in single bytes or UTF-16."""
    return bool(data) and is_mentioned(BytesIO(data), site)
