"""The cookie jar: what it takes, what it sends, and its dict-like face."""
import email.message
import http.cookiejar
import pickle
import types

from requests import cookies
from requests.models import PreparedRequest
from requests.structures import CaseInsensitiveDict

from .. import results
from ..arguments import cookies as cookies_argument
from ..arguments import set_cookie
from ..clock import CLOCK
from ..values import mapping


def _request(url, headers=()):
    request = PreparedRequest()
    request.method, request.url, request.headers = "GET", url, CaseInsensitiveDict(map(tuple, headers))
    return request


def _raw(step):
    """As much of a urllib3 response as the jar looks at."""
    message = email.message.Message()
    for name, value in [["Set-Cookie", value] for value in step["set_cookie"]] + step.get("response_headers", []):
        message[name] = value
    return types.SimpleNamespace(_original_response=types.SimpleNamespace(msg=message))


def _filled(case):
    """A jar after the steps of the case."""
    jar = cookies.RequestsCookieJar()
    for step in case["steps"]:
        match step:
            case {"advance": seconds}:
                CLOCK.now += seconds
            case {"set": spec}:
                set_cookie(jar, spec)
            case {"delete": place}:
                cookies.remove_cookie_by_name(jar, *place)
            case _:
                request = _request(step["url"], step.get("headers", []))
                cookies.extract_cookies_to_jar(jar, request, _raw(step))
    return jar


def _cookie_match(case):
    jar, sent = _filled(case), []
    for asked in case["requests"]:
        if isinstance(asked, str):
            asked = {"url": asked}
        CLOCK.now += asked.get("advance", 0)
        sent.append(cookies.get_cookie_header(jar, _request(asked["url"], asked.get("headers", []))))
    return sent


def _prepare_cookies(case):
    request = PreparedRequest()
    headers = mapping(case.get("headers", []))
    request.prepare(method="GET", url=case["url"], headers=headers, cookies=cookies_argument(case["cookies"]))
    return request.headers.get("Cookie")


def _merge_cookies(case):
    jar = cookies_argument(case["jar"])
    if isinstance(jar, dict):
        jar = cookies.cookiejar_from_dict(jar)
    return results.jar(cookies.merge_cookies(jar, cookies_argument(case["cookies"])))


def _cookie_date(case):
    found = http.cookiejar.http2time(case["value"])
    return None if found is None else int(found)


def _cookiejar_ops(case):
    """Only asking gives a result; an error gives one always."""
    jar, gives = cookies.RequestsCookieJar(), []
    for operation, *args in case["ops"]:
        if operation not in _CHANGES | _QUESTIONS:
            raise SystemExit(f"no operation {operation!r}")
        try:
            if operation in _QUESTIONS:
                gives.append(_QUESTIONS[operation](jar, *args))
            else:
                new = _CHANGES[operation](jar, *args)
                jar = jar if new is None else new
        except (KeyError, cookies.CookieConflictError) as raised:
            gives.append({"error": type(raised).__name__})
    return {"results": gives, "jar": results.jar(jar)}


_CHANGES = {
    "set": set_cookie,
    "del": lambda jar, name: jar.__delitem__(name),
    "remove": cookies.remove_cookie_by_name,
    "clear": lambda jar, *place: jar.clear(*place),
    "update": lambda jar, pairs: jar.update(dict(pairs)),
    "pickle": lambda jar: pickle.loads(pickle.dumps(jar)),
    "copy": lambda jar: jar.copy(),
}
_QUESTIONS = {
    "get": lambda jar, name, domain=None, path=None: jar.get(name, None, domain, path),
    "getitem": lambda jar, name: jar[name],
    "in": lambda jar, name: name in jar,
    "keys": lambda jar: jar.keys(),
    "values": lambda jar: jar.values(),
    "items": lambda jar: [list(item) for item in jar.items()],
    "domains": lambda jar: jar.list_domains(),
    "paths": lambda jar: jar.list_paths(),
    "multiple_domains": lambda jar: jar.multiple_domains(),
    "dict": lambda jar, *place: [list(item) for item in jar.get_dict(*place).items()],
}

FUNCTIONS = {
    "cookie_extract": lambda case: results.jar(_filled(case)),
    "cookie_match": _cookie_match,
    "prepare_cookies": _prepare_cookies,
    "merge_cookies": _merge_cookies,
    "cookie_date": _cookie_date,
    "cookiejar_ops": _cookiejar_ops,
}
