import pytest
from hypothesis import given
from hypothesis import strategies as st

from loginfix.sites.forms import FORMS, Names

NIK_SITE = "GAAAABIAAABodHRwczovL2FtYXpvbi5jb20AAA=="
NOTHING = Names(None, None)
LABELS = st.from_regex(r"[a-z0-9]([a-z0-9_-]{0,10}[a-z0-9])?", fullmatch=True)
HOSTS = st.one_of(
    st.builds("{}.example".format, LABELS),
    st.builds("{}.{}.co.jp".format, LABELS, LABELS),
    st.ip_addresses(v=4).map(str),
)
SCHEMES = st.sampled_from(["http", "https", "ws", "wss", "ftp", "gopher"])
PORTS = st.one_of(st.just(""), st.integers(0, 65535).map(":{}".format))
PATHS = st.one_of(st.just(""), st.from_regex(r"[/?#][!-~]{0,30}", fullmatch=True))

VALID = {
    "mls_file": "bW9jLmVscG1heGUud3d3LjpodHRwczo0NDM=",
    "origin_key": "moc.elpmaxe.www.:https:443",
    "permission_type": "3rdPartyStorage^https://www.example.com",
    "push_identifiers": "\x80iuuqt;00xxx/fybnqmf/dpn0\x000",
    "quota_directory": "https+++www.example.com",
    "alt_svc_key": "https:www.a.com:443:.:^partitionKey=%28https%2Cb.com%29:3",
    "alt_svc_value": "https:www.a.com:443:alt.b.com:8443::n:1795494999:h3:y:1:n::|y",
    "client_auth_key": "www.a.com,AA:BB:CC,%5EpartitionKey=%2528https%252Cb.com%2529",
    "content_setting": "https://[*.]a.com:443,*",
    "host_attributes": "www.a.com^partitionKey=%28https%2Cb.com%29",
    "host_pattern": "https://.www.a.com:8443/path",
    "network_key": '["EAAAAAsAAABodHRwOi8vYi5jbwA=",true,0]',
    "host_and_path": "www.amazon.com/dp",
    "origin_pair": "https://issuer.example https://www.amazon.com",
    "url": "https://user:pw@www.example.co.jp:8443/a?b#c",
    "host": "www.example.co.jp:8443",
    "cookie_domain": ".example.co.jp",
    "rev_host": "pj.oc.elpmaxe.www.",
    "schemeful_site": "https://example.co.jp",
    "partition_site": "https://example.co.jp",
    "origin": "https://a.com:8443^userContextId=2&partitionKey=%28https%2Cexample.com%29",
    "origin_attributes": "^partitionKey=%28https%2Cexample.com%2C8443%2Cf%29&userContextId=1",
    "origin_identifier": "https_www.example.co.jp_8443",
    "storage_key": "https://emb.com/^0https://top.com^31",
    "chromium_cache_key": "1/0/_dk_s_https://top.com https://frame.com https://res.net/x",
    "frame_origin": "https://frame.com",
    "block_cache_key": "Range_1/0/_dk_https://top.com https://frame.com https://res.net/x:2fb:1",
    "code_cache_key": "_keyhttps://res.net/x \nhttps://frame.com/ \nhttps://top.com https://frame.com",
    "cache2_key": "O^partitionKey=%28https%2Cexample.com%29,a,~x,,y,:https://res.net/x",
}


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://www.amazon.co.jp/ap/signin?x=1", "www.amazon.co.jp"),
        ("HTTPS://WWW.Amazon.CO.JP:443", "www.amazon.co.jp"),
        ("https://amazon.com.", "amazon.com"),
        ("https://amazon.com@evil.example/", "evil.example"),
        ("https://u:p@s:s@a.com:1/", "a.com"),
        ("https:a.com", "a.com"),
        ("HTTPS:a.com", "a.com"),
        ("https:\\\\a.com\\@evil.example", "a.com"),
        ("  https://a.com/\n", "a.com"),
        ("ht\ttps://a.\ncom/", "a.com"),
        ("https://[2001:DB8::1]:8443/", "2001:db8::1"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://a.com:/", "a.com"),
        ("https://a.com?b@c.com", "a.com"),
        ("https://a.com#b@c.com", "a.com"),
        ("view-source:https://a.com/", "a.com"),
        ("blob:https://a.com/6d2b", "a.com"),
        ("filesystem:https://a.com/temporary/x", "a.com"),
        ("view-source:blob:https://a.com/6d2b", "a.com"),
        ("moz-anno:favicon:https://a.com/favicon.ico", "a.com"),
        ("page-icon:https://a.com/", "a.com"),
        ("cached-favicon:https://a.com/favicon.ico", "a.com"),
        ("fake-favicon-uri:https://a.com/", "a.com"),
        ("gopher://a.com/", "a.com"),
        ("wss://a.com/socket", "a.com"),
    ],
)
def test_a_url_names_its_host(text: str, host: str) -> None:
    assert FORMS["url"](text) == Names(host, None)
    assert FORMS["schemeful_site"](text) == Names(host, None)
    assert FORMS["partition_site"](text) == Names(None, host)


@pytest.mark.parametrize(
    "text",
    [
        *("", "garbage", "www.amazon.com/x", "www.amazon.com:443/", "//amazon.com", "https://"),
        *("about:home", "about:reader?url=https%3A%2F%2Fa.com", "data:text/html,https://a.com"),
        *("Chrome://settings/", "chrome-extension://abcdef/x", "moz-extension://12-34/x"),
        *("javascript:location='https://a.com'", "mailto:me@a.com", "file:///home/me/x"),
        *("resource://gre/", "edge://flags", "blob:null/6d2b", "https://a.com:x/", "https://a b/"),
        *("foo:bar", "https://%zz/", "place:sort=8", "https://[::1/"),
    ],
)
def test_what_is_not_on_the_web_names_no_host(text: str) -> None:
    assert FORMS["url"](text) == NOTHING


@pytest.mark.parametrize(
    ("form", "text", "names"),
    [
        ("host", "a.com", Names("a.com", None)),
        ("host", "a.com:8443", Names("a.com", None)),
        ("host", "[::1]:80", Names("::1", None)),
        ("host", "[::1]", Names("::1", None)),
        ("host", "::1", Names("::1", None)),
        ("cookie_domain", ".a.com", Names("a.com", None)),
        ("cookie_domain", "a.com", Names("a.com", None)),
        ("cookie_domain", "..a.com", NOTHING),
        ("rev_host", "moc.nozama.www.", Names("www.amazon.com", None)),
        (
            "block_cache_key",
            "Range_1/0/_dk_https://top.com https://frame.com https://res.net:8443/x:2fb:1",
            Names("res.net", "top.com", "frame.com"),
        ),
        ("block_cache_key", "1/0/https://res.net/x:2fb:1", Names("res.net", None)),
        ("block_cache_key", "Range_of_something", NOTHING),
        (
            "code_cache_key",
            "_keyhttps://res.net/x \nhttps://page.com/",
            Names("res.net", "page.com", "page.com"),
        ),
        (
            "code_cache_key",
            "_keyhttps://res.net/x \nhttps://page.com/ \nhttps://top.com https://frame.com",
            Names("res.net", "top.com", "frame.com"),
        ),
        ("code_cache_key", "_keyhttps://res.net/x \n", Names("res.net", None)),
        ("code_cache_key", "ab" * 32, NOTHING),
        ("frame_origin", "https://frame.com:8443", Names(None, None, "frame.com")),
        ("rev_host", ".", NOTHING),
        ("rev_host", "", NOTHING),
        ("rev_host", "1.0.0.721.", Names("127.0.0.1", None)),
        ("host_and_path", "https://a.com:8443/x", Names("a.com", None)),
        ("host_and_path", "a.com/path", Names("a.com", None)),
        ("host_and_path", "a.com", Names("a.com", None)),
        ("host_and_path", "kettle of a.com", NOTHING),
        ("origin_pair", "https://a.com https://b.com", Names("a.com", "b.com")),
        ("origin_pair", "https://a.com", Names("a.com", None)),
        # Seen in a Chromium 156.
        ("network_key", f'["{NIK_SITE}",false,0]', Names(None, "amazon.com")),
        ("network_key", f'["{NIK_SITE}","{NIK_SITE}"]', Names(None, "amazon.com", "amazon.com")),
        ("network_key", "[]", NOTHING),
        ("network_key", "{}", NOTHING),
        ("network_key", "[" * 100_000, NOTHING),
        ("network_key", '["https://a.com"]', NOTHING),
        ("network_key", '["GAAA"]', NOTHING),
        ("network_key", '["GAAAAP////9odHRwczovL2EuY29t"]', Names(None, "a.com")),
        ("origin", "https://a.com", Names("a.com", None)),
        ("origin", "https://a.com:8443^userContextId=2", Names("a.com", None)),
        (
            "origin",
            "https://a.com^userContextId=2&partitionKey=%28https%2Cexample.com%29",
            Names("a.com", "example.com"),
        ),
        ("origin", "moz-extension://12-34^userContextId=2", NOTHING),
        ("origin_attributes", "", NOTHING),
        ("origin_attributes", "^userContextId=1", NOTHING),
        (
            "origin_attributes",
            "^partitionKey=%28https%2Cexample.com%2C8443%29&userContextId=1",
            Names(None, "example.com"),
        ),
        ("origin_attributes", "^partitionKey=%28https%2Ca.com%2Cf%29", Names(None, "a.com")),
        ("origin_attributes", "^partitionKey=%28https%2Ca.com%2C81%2Cf%29", Names(None, "a.com")),
        ("origin_attributes", "partitionKey=(https,a.com)", Names(None, "a.com")),
        ("origin_attributes", "^partitionKey=%28http%2C%5B%2B%2B1%5D%29", Names(None, "::1")),
        ("origin_attributes", "^partitionKey=a.com", Names(None, "a.com")),
        ("origin_attributes", "^firstPartyDomain=a.com", Names(None, "a.com")),
        ("origin_attributes", "^firstPartyDomain=%28https%2Ca.com%29", Names(None, "a.com")),
        ("origin_attributes", "^partitionKey=%28https%29", NOTHING),
        ("origin_identifier", "https_www.a.com_0", Names("www.a.com", None)),
        ("origin_identifier", "http_a_b.com_8080", Names("a_b.com", None)),
        ("origin_identifier", "https_[__1]_0", Names("::1", None)),
        (
            "origin_identifier",
            "https_xn--bcher-kva.example_0",
            Names("xn--bcher-kva.example", None),
        ),
        (
            "origin_identifier",
            "https_amazon.com.evil.example_0",
            Names("amazon.com.evil.example", None),
        ),
        ("origin_identifier", "https_notamazon.com_0", Names("notamazon.com", None)),
        ("origin_identifier", "chrome-extension_abc_0", NOTHING),
        ("origin_identifier", "file__0", NOTHING),
        ("origin_identifier", "https_a.com", NOTHING),
        ("origin_identifier", "__0", NOTHING),
        ("storage_key", "https://www.a.com/", Names("www.a.com", None)),
        ("storage_key", "https://www.a.com", Names("www.a.com", None)),
        ("storage_key", "https://emb.com/^0https://top.com", Names("emb.com", "top.com")),
        ("storage_key", "https://a.com:81/^0https://b.com^31", Names("a.com", "b.com")),
        ("storage_key", "https://a.com/^31^0https://b.com", Names("a.com", "b.com")),
        ("storage_key", "https://a.com/^31", Names("a.com", None)),
        ("storage_key", "https://a.com/^112^234", Names("a.com", None)),
        ("storage_key", "https://a.com/^41^52^6https://b.com", Names("a.com", "b.com")),
        ("storage_key", "https://a.com/^41^52^6", Names("a.com", None)),
        ("storage_key", "chrome-extension://abc/^0https://a.com", Names(None, "a.com")),
        (
            "chromium_cache_key",
            "1/0/_dk_https://top.com https://frame.com https://res.net/x",
            Names("res.net", "top.com", "frame.com"),
        ),
        (
            "chromium_cache_key",
            "0/17/_dk_s_https://top.com https://frame.com https://res.net/x",
            Names("res.net", "top.com", "frame.com"),
        ),
        (
            "chromium_cache_key",
            "1/0/_dk_cn_https://top.com https://top.com https://top.com/",
            Names("top.com", "top.com", "top.com"),
        ),
        (
            "chromium_cache_key",
            "_dk_https://top.com https://res.net/x",
            Names("res.net", "top.com"),
        ),
        ("chromium_cache_key", "1/0/https://res.net/x", Names("res.net", None)),
        ("chromium_cache_key", "https://res.net/x", Names("res.net", None)),
        ("content_setting", "https://www.a.com:443,*", Names("www.a.com", None)),
        ("content_setting", "[*.]a.com,*", Names("a.com", None)),
        ("content_setting", "*,[*.]b.com", Names(None, "b.com")),
        ("content_setting", "https://[*.]a.com,https://[*.]b.com:443", Names("a.com", "b.com")),
        ("content_setting", "*://a.com:*/x,*", Names("a.com", None)),
        ("content_setting", "http://[::1]:80,*", Names("::1", None)),
        ("content_setting", "file:///a,*", NOTHING),
        ("content_setting", "a.com", Names("a.com", None)),
        ("network_key", '{"a":1}', NOTHING),
        ("network_key", VALID["network_key"], Names(None, "b.co")),
        (
            "network_key",
            '["EAAAAAsAAABodHRwOi8vYi5jbwA=","EAAAAAwAAABodHRwczovL2MuY28="]',
            Names(None, "b.co", "c.co"),
        ),
        ("network_key", '["//////////8="]', NOTHING),
        ("host_pattern", ".a.com", Names("a.com", None)),
        ("host_pattern", "a.com/path", Names("a.com", None)),
        ("host_attributes", "a.com:HSTS", Names("a.com", None)),
        ("host_attributes", "a.com^partitionKey=%28https%2Cb.com%29:HPKP", Names("a.com", "b.com")),
        ("host_attributes", "a.com:8443:^userContextId=1", Names("a.com", None)),
        ("host_attributes", "[::1]:8443", Names("::1", None)),
        ("alt_svc_key", "https:a.com:443:.::3", Names("a.com", None)),
        ("alt_svc_key", "http:::1:80:P:^partitionKey=%28https%2Cb.com%29:.", Names("::1", "b.com")),
        ("alt_svc_key", "https:a.com:443:.:^userContextId=2", Names("a.com", None)),
        ("alt_svc_value", VALID["alt_svc_value"], Names("alt.b.com", None)),
        ("alt_svc_value", "https:a.com:443:a.com:443::n:1", Names("a.com", None)),
        ("client_auth_key", VALID["client_auth_key"], Names("www.a.com", "b.com")),
        ("client_auth_key", "a.com,AA,", Names("a.com", None)),
        ("cache2_key", ":https://a.com/x", Names("a.com", None)),
        ("cache2_key", "a,:https://a.com/x", Names("a.com", None)),
        (
            "cache2_key",
            "O^partitionKey=%28https%2Cexample.com%29,a,:https://cdn.other.net/x.js",
            Names("cdn.other.net", "example.com"),
        ),
        (
            "cache2_key",
            "O^partitionKey=(https,,example.com,,8443),p,:https://a.com/a,b",
            Names("a.com", "example.com"),
        ),
        ("cache2_key", "~https://evil.example,,x,:https://a.com/", Names("a.com", None)),
        ("cache2_key", ":about:home", NOTHING),
        ("cache2_key", "dict:https://a.com", Names("a.com", None)),
        ("cache2_key", "a,:dict:https://a.com", Names("a.com", None)),
        ("cache2_key", "https://a.com/", NOTHING),
        ("quota_directory", "https+++www.a.com", Names("www.a.com", None)),
        ("quota_directory", "http+++a.com+8080", Names("a.com", None)),
        (
            "quota_directory",
            "https+++www.a.com+8443^userContextId=2&partitionKey=%28https%2Cb.com%29",
            Names("www.a.com", "b.com"),
        ),
        ("quota_directory", "http+++[++1]+80", Names("::1", None)),
        (
            "quota_directory",
            "https+++a.com^partitionKey=%28http%2C%5B++1%5D%29",
            Names("a.com", "::1"),
        ),
        ("quota_directory", "https+++a.com^firstPartyDomain=b.com", Names("a.com", "b.com")),
        ("quota_directory", "1007+f+https+++a.com", Names("a.com", None)),
        ("quota_directory", "https+++a.com.b.example", Names("a.com.b.example", None)),
        ("quota_directory", "chrome", NOTHING),
        ("quota_directory", "uuid+++33c1c07f-54fe-44ea-87f0-1b05cf7aeac5", NOTHING),
        ("quota_directory", "moz-extension+++a.com^partitionKey=%28https%2Cb.com%29", NOTHING),
        ("quota_directory", "about+home", NOTHING),
        ("quota_directory", "file++++home+a.com", NOTHING),
        ("quota_directory", "https+++a.com+b.com", NOTHING),
        ("origin_key", "moc.a.www.:https:443", Names("www.a.com", None)),
        ("origin_key", "moc.a.www.:https", Names("www.a.com", None)),
        ("origin_key", "]1::[.:http:80", Names("::1", None)),
        (
            "origin_key",
            "moc.a.:https:443^userContextId=2&partitionKey=%28https%2Cb.com%29",
            Names("a.com", "b.com"),
        ),
        ("origin_key", "moc.a", NOTHING),
        (
            "mls_file",
            "bW9jLmEuOmh0dHBzOjQ0M15wYXJ0aXRpb25LZXk9JTI4aHR0cHMlMkNiLmNvbSUyOQ==.sqlite.enc",
            Names("a.com", "b.com"),
        ),
        ("mls_file", "notes.txt", NOTHING),
        ("permission_type", "3rdPartyFrameStorage^https://a.com", Names("a.com", None)),
        ("permission_type", "geo", NOTHING),
        ("permission_type", "open-protocol-handler^mailto", NOTHING),
        ("push_identifiers", "\x80iuuqt;00b/dpn0\x000", Names("a.com", None)),
        (
            "push_identifiers",
            "\ufffdiuuqt;00b/dpn0\x000_qbsujujpoLfz>&39iuuqt&3Dc/dpn&3:",
            Names("a.com", "b.com"),
        ),
        # The endpoint of a subscription, a string: every site's is at the same host.
        ("push_identifiers", "0iuuqt;00b/dpn0", NOTHING),
    ],
)
def test_a_stored_key_names_its_host_and_its_partition(form: str, text: str, names: Names) -> None:
    assert FORMS[form](text) == names


def test_every_form_reads_its_example() -> None:
    assert VALID.keys() == FORMS.keys()
    for form, text in VALID.items():
        assert FORMS[form](text) != NOTHING, form


@pytest.mark.parametrize("form", FORMS)
@given(text=st.text())
def test_no_form_raises_on_arbitrary_text(form: str, text: str) -> None:
    assert isinstance(FORMS[form](text), Names)


@pytest.mark.parametrize("form", FORMS)
@given(data=st.data())
def test_no_form_raises_on_a_damaged_key(form: str, data: st.DataObject) -> None:
    key = VALID[form]
    start = data.draw(st.integers(0, len(key)))
    end = data.draw(st.integers(start, len(key)))
    piece = data.draw(st.one_of(st.text(max_size=8), st.sampled_from(list(VALID.values()))))
    assert isinstance(FORMS[form](key[:start] + piece + key[end:]), Names)


@given(SCHEMES, HOSTS, PORTS, PATHS)
def test_a_built_url_is_read_back(scheme: str, host: str, port: str, path: str) -> None:
    assert FORMS["url"](f"{scheme}://{host}{port}{path}") == Names(host, None)


@given(SCHEMES, HOSTS, PORTS)
def test_case_trailing_dot_and_port_do_not_matter(scheme: str, host: str, port: str) -> None:
    assert FORMS["url"](f"{scheme}://{host.upper()}.{port}/") == Names(host, None)
    assert FORMS["host"](f"{host.upper()}.{port}") == Names(host, None)
    assert FORMS["cookie_domain"](f".{host.upper()}.") == Names(host, None)


@given(HOSTS)
def test_built_host_forms_are_read_back(host: str) -> None:
    assert FORMS["rev_host"](host[::-1] + ".") == Names(host, None)
    assert FORMS["cookie_domain"](f".{host}") == Names(host, None)
    assert FORMS["partition_site"](f"https://{host}") == Names(None, host)


@given(SCHEMES, HOSTS, st.integers(0, 65535))
def test_a_built_origin_identifier_is_read_back(scheme: str, host: str, port: int) -> None:
    assert FORMS["origin_identifier"](f"{scheme}_{host}_{port}") == Names(host, None)


@given(HOSTS, HOSTS, PORTS)
def test_built_partitioned_keys_are_read_back(host: str, top: str, port: str) -> None:
    site = f"https://{top}"
    suffix = f"^userContextId=3&partitionKey=%28https%2C{top}{port.replace(':', '%2C')}%29"
    both = Names(host, top)
    assert FORMS["origin_attributes"](suffix) == Names(None, top)
    assert FORMS["origin"](f"https://{host}{port}{suffix}") == both
    assert FORMS["storage_key"](f"https://{host}{port}/^0{site}{port}") == both
    assert FORMS["cache2_key"](f"O{suffix},a,:https://{host}{port}/,:x") == both


@given(HOSTS, HOSTS, HOSTS, PATHS, st.sampled_from(["", "s_", "cn_"]))
def test_a_built_cache_key_is_read_back(
    host: str, top: str, frame: str, path: str, kind: str
) -> None:
    key = f"1/0/_dk_{kind}https://{top} https://{frame} https://{host}{path}"
    assert FORMS["chromium_cache_key"](key) == Names(host, top, frame)
