"""Can the browser read its own list of what it has cached?"""

from loginfix.doctor.model import Answer, Cause, Check, Confidence, Remedy, Verdict, ok
from loginfix.doctor.subject import Subject
from loginfix.files.tree import Tree
from loginfix.formats.simple_cache import SimpleCacheError
from loginfix.formats.simple_cache_index import parse_index
from loginfix.words import message, say

_INDEX = "Cache/Cache_Data/index-dir/the-real-index"
_LARGEST = 64 << 20


def examine(subject: Subject) -> Answer | None:
    """Read the index of Chromium's simple cache; Firefox and the other caches check their own."""
    cache = subject.profile.cache_path
    if not subject.is_chromium or not cache.is_dir():
        return None
    with Tree(cache) as tree:
        if not tree.exists(_INDEX) or tree.stat(_INDEX).st_size > _LARGEST:
            return None
        with tree.open(_INDEX) as file:
            content = file.read()
    try:
        parse_index(content)
    except SimpleCacheError as error:
        return Answer(
            Verdict.SUSPICIOUS,
            say("The list of what is cached is damaged."),
            (f"{cache / _INDEX}: {error}",),
            Remedy(say("Clear the web cache of the site."), subject.clear_command("cache")),
        )
    return ok(say("The list of what is cached can be read."))


CHECK = Check("web-cache", message("Web cache"), Cause.BROWSER, Confidence.LOW, examine)
