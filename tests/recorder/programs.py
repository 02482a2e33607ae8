"""Scripts worth compiling once, and what only a script asks for.

Browsers keep the compiled form of a script that is large and has run several times. ``program.js``
names its own host; ``common.js`` is the same text on every host, as a shared library is, so that
its compiled form may be kept once for all of them.
"""

COMMON = "common.js"
# Its query does not matter to a cache: the answer says so.
PROGRAM = "program.js?build=7"
RANGED = "/static/pieces.bin"
# Bytes: Chromium's caches keep what was asked for by range in units of one MiB.
RANGED_SIZE = 3 << 20
FUNCTIONS = 160
# Characters: more than Chromium's block-file cache keeps in an entry's own blocks, and more than
# it keeps in blocks at all.
LONG_ADDRESSES = (1_500, 17_000)


def common() -> str:
    """The script that all hosts share."""
    return _functions("a library")


def program(host: str) -> str:
    """A host's own script: much code, requests for ranges and for long addresses."""
    asks = "".join(
        f"""
  await fetch("/static/style.css?long={"x" * length}").then((answer) => answer.text());"""
        for length in LONG_ADDRESSES
    )
    return f"""{_functions(host)}
window.programDone = (async () => {{
  for (const range of ["bytes=0-4999", "bytes=1048576-1053575"]) {{
    const answer = await fetch("{RANGED}", {{ headers: {{ Range: range }} }});
    await answer.arrayBuffer();
  }}{asks}
}})();
"""


def _functions(name: str) -> str:
    """Functions that differ in their constants, and calls of all of them."""
    made = "".join(
        f"""
  function step{number}(list) {{
    const label = "step {number} of {name}";
    for (let at = 0; at < 3; at += 1) list.push(label + at * {number});
    return list.filter((text) => text.endsWith("{number % 10}")).map((text) => text.length);
  }}
  results.push(step{number}([]));"""
        for number in range(FUNCTIONS)
    )
    return f"""(() => {{
  const results = [];{made}
  return results;
}})();"""
