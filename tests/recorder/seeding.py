"""What no tour can make: bookmarks, a login, and rows that only typing or idling produces."""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from recorder.firefox import Firefox

BOOKMARKS = (
    ("https://www.amazon.co.jp/", "Amazon (bookmark)", "az"),
    ("https://www.example.org/", "Example (bookmark)", "ex"),
)
LOGIN_ORIGIN = "https://www.amazon.co.jp"
LOGIN_USER = "someone@example.com"
LOGIN_SECRET = "not-a-real-secret"  # noqa: S105 - that is the point
WEBKIT_NOW = 13_440_000_000_000_000

# (text typed, URL, description)
SHORTCUTS = (
    ("ama", "https://www.amazon.co.jp/", "Amazon.co.jp"),
    ("ex", "https://www.example.com/", "Example"),
    ("nota", "https://www.notamazon.com/", "Not Amazon"),
)
TOP_SITES = (("https://www.amazon.co.jp/", "Amazon.co.jp"), ("https://www.example.org/", "Org"))
SEARCH_TERMS = (
    ("https://search.example/?q=www.amazon.co.jp", "www.amazon.co.jp"),
    ("https://www.amazon.co.jp/found", "kettle"),
)
# Each cluster: keyword, then its visits' URLs; the second mixes the target with another site.
CLUSTERS = (
    ("shopping", ("https://www.amazon.co.jp/", "https://www.amazon.co.jp/gp/cart")),
    ("reading", ("https://www.example.org/review", "https://www.amazon.com/dp/B000")),
    ("work", ("https://www.example.com/", "https://news.example.co.jp/")),
)


def write_chromium_bookmarks(profile: Path) -> None:
    """Write the ``Bookmarks`` file, before the first start."""
    children = [
        {"id": str(5 + n), "name": title, "type": "url", "url": url, "date_added": str(WEBKIT_NOW)}
        for n, (url, title, _) in enumerate(BOOKMARKS)
    ]
    roots: dict[str, dict[str, Any]] = {
        name: {"children": [], "id": str(n), "name": name, "type": "folder"}
        for n, name in enumerate(("bookmark_bar", "other", "synced"), 1)
    }
    roots["bookmark_bar"]["children"] = children
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "Bookmarks").write_text(json.dumps({"roots": roots, "version": 1}))


def seed_chromium(profile: Path) -> None:
    """Add rows to the databases of a Chromium that has ended."""
    with closing(_open(profile / "Login Data")) as logins, logins:
        _insert(
            logins,
            "logins",
            origin_url=f"{LOGIN_ORIGIN}/ap/signin",
            action_url=f"{LOGIN_ORIGIN}/ap/signin",
            signon_realm=f"{LOGIN_ORIGIN}/",
            username_element="email",
            username_value=LOGIN_USER,
            password_element="password",  # noqa: S106 - the name of a form field
            password_value=_encrypt(LOGIN_SECRET),
            date_created=WEBKIT_NOW,
            times_used=3,
        )
    with closing(_open(profile / "Shortcuts")) as shortcuts, shortcuts:
        for number, (text, url, description) in enumerate(SHORTCUTS):
            _insert(
                shortcuts,
                "omni_box_shortcuts",
                id=f"0B2C4D6E-0000-4000-8000-{number:012}",
                text=text,
                fill_into_edit=url,
                url=url,
                contents=url.removeprefix("https://"),
                contents_class="0,1",
                description=description,
                description_class="0,0",
                last_access_time=WEBKIT_NOW,
                number_of_hits=2,
            )
    with closing(_open(profile / "Top Sites")) as top, top:
        (rank,) = top.execute("SELECT coalesce(max(url_rank), -1) + 1 FROM top_sites").fetchone()
        for number, (url, title) in enumerate(TOP_SITES):
            _insert(top, "top_sites", url=url, url_rank=rank + number, title=title)
    with closing(_open(profile / "History")) as history, history:
        _seed_history(history)


def _seed_history(history: sqlite3.Connection) -> None:
    for url, term in SEARCH_TERMS:
        (url_id,) = history.execute("SELECT id FROM urls WHERE url = ?", (url,)).fetchone()
        _insert(
            history,
            "keyword_search_terms",
            keyword_id=2,
            url_id=url_id,
            term=term,
            normalized_term=term,
        )
    for number, (keyword, urls) in enumerate(CLUSTERS, 1):
        _insert(history, "clusters", cluster_id=number, label=keyword, raw_label=keyword)
        _insert(history, "cluster_keywords", cluster_id=number, keyword=keyword, score=1)
        for url in urls:
            visits = history.execute(
                "SELECT visits.id FROM visits JOIN urls ON urls.id = visits.url"
                " WHERE urls.url = ? ORDER BY visits.id",
                (url,),
            ).fetchall()
            for (visit,) in visits[:1]:
                _insert(
                    history,
                    "clusters_and_visits",
                    cluster_id=number,
                    visit_id=visit,
                    score=1,
                    url_for_deduping=url,
                    normalized_url=url,
                    url_for_display=url.removeprefix("https://"),
                )
            for (duplicate,) in visits[1:2]:
                _insert(
                    history,
                    "cluster_visit_duplicates",
                    visit_id=visits[0][0],
                    duplicate_visit_id=duplicate,
                )
            _insert(history, "visit_source", id=visits[0][0], source=1, or_ignore=True)


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    # Chromium leaves an empty journal behind, not none.
    connection.execute("PRAGMA journal_mode = TRUNCATE")
    return connection


def _insert(
    database: sqlite3.Connection, table: str, *, or_ignore: bool = False, **values: Any
) -> None:
    """Insert a row; columns that must have a value and are not given get an empty one."""
    row = dict(values)
    for _, name, kind, not_null, default, key in database.execute(f"PRAGMA table_info({table})"):
        if name not in row and not_null and default is None and not key:
            row[name] = "" if "CHAR" in kind or "TEXT" in kind else 0
    marks = ", ".join("?" * len(row))
    verb = "INSERT OR IGNORE" if or_ignore else "INSERT"
    database.execute(f"{verb} INTO {table} ({', '.join(row)}) VALUES ({marks})", [*row.values()])


def _encrypt(secret: str) -> bytes:
    """Encrypt as Chromium does on Linux with its basic store: a key that is known to all."""
    key = hashlib.pbkdf2_hmac("sha1", b"peanuts", b"saltysalt", 1, 16)
    padder = padding.PKCS7(128).padder()
    padded = padder.update(secret.encode()) + padder.finalize()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(b" " * 16)).encryptor()
    return b"v10" + encryptor.update(padded) + encryptor.finalize()


# Each is called with its list, in the browser's own scope.
_ADD_BOOKMARKS = """async (bookmarks) => {
  for (const [url, title, keyword] of bookmarks) {
    const parentGuid = PlacesUtils.bookmarks.toolbarGuid;
    await PlacesUtils.bookmarks.insert({ parentGuid, url, title });
    await PlacesUtils.keywords.insert({ keyword, url });
  }
}"""
_ADD_LOGIN = """async ([origin, user, secret]) => {
  const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
  login.init(origin, origin, null, user, secret, "email", "password");
  await Services.logins.addLoginAsync(login);
}"""


def seed_firefox(browser: Firefox) -> None:
    """Add bookmarks, with keywords, and a login to a running Firefox."""
    browser.chrome(f"({_ADD_BOOKMARKS})({json.dumps(BOOKMARKS)})")
    browser.chrome(f"({_ADD_LOGIN})({json.dumps([LOGIN_ORIGIN, LOGIN_USER, LOGIN_SECRET])})")


# (origin attributes, origin); the first of each kind is the target's.
PLACES_BY_CONTAINER = (
    ("", "https://www.amazon.co.jp"),
    ("^userContextId=1", "https://www.amazon.co.jp"),
    ("^userContextId=3&partitionKey=%28https%2Camazon.co.jp%29", "https://cdn.other.net"),
    ("", "https://www.example.org"),
    ("^userContextId=1", "https://www.example.org"),
    ("^partitionKey=%28https%2Cexample.com%29", "https://cdn.other.net"),
    ("", "https://console.aws.amazon.com"),
    ("", "https://www.notamazon.com"),
)
# Those that Firefox gives by itself, and one that a person gives.
PERMISSIONS = (
    "storageAccessAPI",
    "3rdPartyStorage^https://www.amazon.com",
    "desktop-notification",
)
PICTURED = (
    "https://www.amazon.co.jp/",
    "https://www.amazon.com/dp/B000",
    "https://www.example.org/review",
    "https://www.notamazon.com/",
)
_SEED_BY_CONTAINER = """async ([places, permissions, pictured]) => {
  const { PushDB } = ChromeUtils.importESModule("resource://gre/modules/PushDB.sys.mjs");
  const { PushRecord } = ChromeUtils.importESModule("resource://gre/modules/PushRecord.sys.mjs");
  const push = new PushDB("pushapi", 5, "pushapi", "channelID", PushRecord);
  const contentPrefs = Cc["@mozilla.org/content-pref/service;1"]
    .getService(Ci.nsIContentPrefService2);
  for (const [number, [suffix, origin]] of places.entries()) {
    await push.put({
      channelID: `0000000${number}-0000-4000-8000-000000000000`,
      pushEndpoint: `https://updates.push.services.mozilla.com/wpush/v2/${number}`,
      scope: `${origin}/`, originAttributes: suffix, version: null, quota: 16, ctime: Date.now(),
      lastPush: 0, pushCount: 0, p256dhPublicKey: new Uint8Array([4, number]),
      p256dhPrivateKey: { kty: "EC" }, authenticationSecret: new Uint8Array(16),
      systemRecord: false, appServerKey: null,
    });
    const principal = Services.scriptSecurityManager
      .createContentPrincipalFromOrigin(origin + suffix);
    for (const type of permissions) {
      Services.perms.addFromPrincipal(principal, type, Services.perms.ALLOW_ACTION);
    }
    if (!suffix) {
      await new Promise((resolve) => contentPrefs.set(
        new URL(origin).host, "browser.content.full-zoom", 1 + number / 10, null,
        { handleCompletion: resolve, handleResult() {}, handleError() {} },
      ));
    }
  }
  const { PageThumbsStorageService } = ChromeUtils.importESModule(
    "resource://gre/modules/PageThumbsStorageService.sys.mjs");
  const { PlacesPreviews } = ChromeUtils.importESModule(
    "resource://gre/modules/PlacesPreviews.sys.mjs");
  const thumbnails = new PageThumbsStorageService();
  for (const url of pictured) {
    for (const path of [thumbnails.getFilePathForURL(url), PlacesPreviews.getPathForUrl(url)]) {
      await IOUtils.makeDirectory(PathUtils.parent(path));
      await IOUtils.writeUTF8(path, "a picture");
    }
  }
}"""
# Pages of a private window; what they store is there once its frames have been loaded.
_BROWSE_PRIVATELY = """async (urls) => {
  const opened = OpenBrowserWindow({ private: true });
  await new Promise((resolve) => opened.addEventListener("load", resolve, { once: true }));
  await opened.delayedStartupPromise;
  const triggeringPrincipal = Services.scriptSecurityManager.getSystemPrincipal();
  const usages = () => new Promise((resolve) => {
    Services.qms.getUsage((request) => resolve(request.result.map((each) => each.origin)), true);
  });
  for (const url of urls) {
    const before = (await usages()).length;
    opened.gBrowser.addTab(url, { triggeringPrincipal });
    for (let i = 0; i < 100 && (await usages()).length === before; i++) {
      await new Promise((resolve) => opened.setTimeout(resolve, 100));
    }
  }
  await new Promise((resolve) => opened.setTimeout(resolve, 4000));
  return usages();
}"""


def seed_by_container(browser: Firefox) -> None:
    """Add what Firefox keeps by container, and pictures of pages, to a running Firefox."""
    seeds = [PLACES_BY_CONTAINER, PERMISSIONS, PICTURED]
    browser.chrome(f"({_SEED_BY_CONTAINER})({json.dumps(seeds)})")


def browse_privately(browser: Firefox) -> None:
    """Visit the target and another site in a private window, which stays open."""
    urls = ["https://www.amazon.co.jp/", "https://www.example.org/"]
    stored = browser.chrome(f"({_BROWSE_PRIVATELY})({json.dumps(urls)})")
    private = [origin for origin in stored if "privateBrowsingId" in origin]
    if len(private) < len(urls):
        raise RuntimeError(f"nothing was stored privately, only {stored}")
