"""What requests gives back, as the vectors record it (FORMAT.md, section 3.7)."""
import requests

from . import normal
from .surroundings import HOME_PREFIX
from .values import INLINE_BYTES_MAX, show_either, show_octets

# Kinds of error whose message is part of the behaviour.
_STABLE_MESSAGES = frozenset({
    "CookieConflictError", "HTTPError", "InvalidHeader", "InvalidSchema", "MissingSchema", "TooManyRedirects",
    "UnrewindableBodyError",
})
_CAUSES_MAX = 6


def cookie(found) -> dict:
    """COOKIE_OUT."""
    shown = {
        "name": found.name, "value": found.value, "domain": found.domain, "path": found.path,
        "secure": bool(found.secure), "expires": found.expires, "host_only": not found.domain_specified,
    }
    if "httponly" in map(str.lower, found._rest):
        shown["http_only"] = True
    if found.port is not None:
        shown["port"] = found.port
    if found.version:
        shown["version"] = found.version
    return shown


def jar(cookies) -> list[dict]:
    """All cookies in an order that does not depend on the jar's."""
    keys = ("domain", "path", "name", "value")
    return sorted(map(cookie, cookies), key=lambda shown: [str(shown[key]) for key in keys])


def headers(found) -> list[list[str]]:
    return [[name.lower(), normal.header(name, value)] for name, value in found.items()]


def body(found):
    """The body of a prepared request."""
    if found is None:
        return None
    if isinstance(found, str):
        found = found.encode("utf-8")
    if isinstance(found, (bytes, bytearray)):
        return show_octets(normal.body(bytes(found)))
    return {"stream": True}


def request(prepared) -> dict:
    return {
        "method": prepared.method, "url": prepared.url, "headers": headers(prepared.headers),
        "body": body(prepared.body),
    }


def kind(error: BaseException) -> str:
    """The name of the class, with its package where the name alone would mean something else."""
    name, package = type(error).__name__, type(error).__module__.split(".")[0]
    if name == "error" or (name == "UnrewindableBodyError" and package == "urllib3"):
        return f"{package}.{name}"
    return name


def message(error: BaseException) -> dict:
    """The message, if it is the same in every run."""
    text = str(error) if kind(error) in _STABLE_MESSAGES else None
    is_stable = text is not None and " at 0x" not in text and HOME_PREFIX not in text
    return {"message": text} if is_stable else {}


def _causes(error) -> list[str]:
    """From the outside in: urllib3 nests errors in `reason`, requests in `args`."""
    found: list[str] = []
    while len(found) < _CAUSES_MAX:
        nested = [*getattr(error, "args", ()), getattr(error, "reason", None)]
        error = next((inner for inner in reversed(nested) if isinstance(inner, BaseException)), None)
        if error is None:
            break
        found.append(kind(error))
    return found


def error(raised: BaseException) -> dict:
    """ERROR."""
    shown = {"kind": kind(raised), **message(raised)}
    response = getattr(raised, "response", None)
    if response is not None:
        history = [{"status": hop.status_code, "url": hop.url} for hop in response.history]
        shown["response"] = {"status": response.status_code, "url": response.url, "history": history}
    if isinstance(raised, requests.RequestException):
        shown["request_attached"] = raised.request is not None
    if causes := _causes(raised):
        shown["cause"] = causes
    return shown


def _hop(passed) -> dict:
    return {
        "status": passed.status_code, "url": passed.url, "method": passed.request.method,
        "cookies": [[each.name, each.value] for each in passed.cookies],
    }


def response(got, is_streamed: bool) -> dict:
    """The result of a call; a streamed body is left where it is."""
    shown = {
        "status": got.status_code,
        "reason": show_either(got.reason),
        "url": got.url,
        "method_sent": got.request and got.request.method,
        "history": [_hop(passed) for passed in got.history],
        "headers": headers(got.headers),
        "is_redirect": got.is_redirect,
        "is_permanent_redirect": got.is_permanent_redirect,
        "ok": got.ok,
        "next": None if got.next is None else request(got.next),
        "links": got.links,
        "encoding": got.encoding,
        "cookies": jar(got.cookies),
    }
    if is_streamed:
        return shown
    shown["body"] = show_octets(got.content)
    content = got.content or b""
    # Without a known encoding, the text of anything but ASCII is a guess of the detector.
    if len(content) <= INLINE_BYTES_MAX and (got.encoding is not None or content.isascii()):
        shown["text"] = got.text
    return shown
