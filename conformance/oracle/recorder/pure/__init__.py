"""Cases without a network: each module has the functions of one subject (FORMAT.md, section 5)."""
import pathlib

from .. import patches, results
from ..arguments import Arguments
from ..clock import CLOCK, START
from ..surroundings import surroundings
from . import cookies, prepare, proxies, redirects, responses, retries, settings, urls

FUNCTIONS: dict = {}
for _subject in (cookies, prepare, proxies, redirects, responses, retries, settings, urls):
    FUNCTIONS |= _subject.FUNCTIONS


class Case(dict):
    """The `in` of a case, and the directory of its files."""

    def __init__(self, given: dict, home: pathlib.Path):
        super().__init__(given)
        self.home = home
        self.arguments = Arguments(home)


def run(function: str, given: dict) -> dict:
    """What the case adds to its input: `out`, or `error`."""
    perform = FUNCTIONS[function]
    CLOCK.reset(given.get("clock", START))
    # A list of files belongs to a request, a mapping to the home directory.
    files = given["files"] if isinstance(given.get("files"), dict) else None
    with surroundings(given.get("env"), files) as home, patches.boundary():
        try:
            return {"out": perform(Case(given, home))}
        except Exception as raised:  # noqa: BLE001
            return {"error": type(raised).__name__, **results.message(raised)}
