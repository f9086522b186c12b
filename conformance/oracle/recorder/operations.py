"""Calls that are no requests: what they do to the session (FORMAT.md, section 3.2)."""
import os
import pickle

import requests
from requests.cookies import remove_cookie_by_name

from .arguments import Arguments, adapter, set_cookie
from .clock import CLOCK
from .values import mapping


def _set(session: requests.Session, call: dict, arguments: Arguments):
    convert = {
        "auth": arguments.auth, "proxies": mapping, "params": mapping, "verify": arguments.path,
        "cert": arguments.path,
    }.get(call["attr"], lambda value: value)
    setattr(session, call["attr"], convert(call["value"]))


def _setenv(call: dict, arguments: Arguments):
    if call["value"] is None:
        os.environ.pop(call["name"], None)
    else:
        os.environ[call["name"]] = arguments.path(call["value"])


def perform(session: requests.Session, call: dict, arguments: Arguments) -> tuple[requests.Session, dict]:
    """The session to go on with, and what the operation gives."""
    place = (call.get("domain"), call.get("path"))
    match call["op"]:
        case "pickle":
            return pickle.loads(pickle.dumps(session)), {}
        case "close":
            session.close()
        case "set_cookie":
            set_cookie(session.cookies, call["cookie"])
        case "delete_cookie":
            remove_cookie_by_name(session.cookies, call["name"], *place)
        case "clear_cookies":
            session.cookies.clear(*call.get("args", []))
        case "clear_session_cookies":
            session.cookies.clear_session_cookies()
        case "clear_expired_cookies":
            session.cookies.clear_expired_cookies()
        case "get_cookie":
            return session, {"value": session.cookies.get(call["name"], None, *place)}
        case "set_header":
            session.headers[call["name"]] = call["value"]
        case "delete_header":
            del session.headers[call["name"]]
        case "set":
            _set(session, call, arguments)
        case "mount":
            session.mount(call["prefix"], adapter(call.get("adapter")))
        case "advance_clock":
            CLOCK.now += call["seconds"]
        case "setenv":
            _setenv(call, arguments)
        case unknown:
            raise SystemExit(f"no operation {unknown!r}")
    return session, {}
