"""Sessions and the arguments of calls, from the vector's JSON (FORMAT.md, sections 3.1 to 3.3)."""
import functools
import pathlib

import requests
import requests.auth
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from urllib3.util.retry import Retry

from . import bodies
from .hooks import Hooks
from .surroundings import locate
from .values import json_value, mapping, octets, text_or_octets

_RETRY_SETS = ("allowed_methods", "status_forcelist", "remove_headers_on_redirect")


def set_cookie(jar: RequestsCookieJar, spec: dict):
    """Sets a COOKIE; without a value that removes it."""
    rest = {name: value for name, value in spec.items() if name not in ("name", "value", "http_only")}
    if spec.get("http_only"):
        rest["rest"] = {"HttpOnly": None}
    jar.set(spec["name"], spec["value"], **rest)


def cookies(form):
    """The `cookies` argument: a dict, or a jar of its own."""
    if not isinstance(form, dict):
        return mapping(form)
    jar = RequestsCookieJar()
    for spec in form["jar"]:
        set_cookie(jar, spec)
    return jar


def retries(form):
    """The `max_retries` argument."""
    if not isinstance(form, dict):
        return form
    policy = dict(form)
    for name in _RETRY_SETS:
        if isinstance(policy.get(name), list):
            policy[name] = set(policy[name])
    return Retry(**policy)


def adapter(spec: dict | None) -> HTTPAdapter:
    """An adapter for `mount`."""
    options = dict(spec or {})
    return HTTPAdapter(max_retries=retries(options.pop("max_retries", 0)), **options)


def _auth_by_header(name, value, request):
    request.headers[name] = value
    return request


def _auth_by_body(body, request):
    request.body = body
    return request


def _auth_by_parameter(name, value, request):
    request.prepare_url(request.url, {name: value})
    return request


def _auth(form):
    match form:
        case {"basic": [user, password], "as": "object"}:
            return requests.auth.HTTPBasicAuth(text_or_octets(user), text_or_octets(password))
        case {"basic": [user, password]}:
            return text_or_octets(user), text_or_octets(password)
        case {"digest": [user, password]}:
            return requests.auth.HTTPDigestAuth(user, password)
        case {"proxy": [user, password]}:
            return requests.auth.HTTPProxyAuth(user, password)
        case {"set_header": [name, value]}:
            return functools.partial(_auth_by_header, name, value)
        case {"set_body": body}:
            return functools.partial(_auth_by_body, octets(body))
        case {"set_param": [name, value]}:
            return functools.partial(_auth_by_parameter, name, value)
    raise ValueError(f"no such auth: {form!r}")


def _as_given(form):
    """A null is passed on as well: it is not the same as leaving the argument out."""
    return tuple(form) if isinstance(form, list) else form


class Arguments:
    """What the calls of one vector share: the directory of its files, auth objects, and hooks."""

    def __init__(self, home: pathlib.Path):
        self._home = home
        self._auths: dict = {}
        self.hooks = Hooks()

    def path(self, form):
        return locate(form, self._home)

    def auth(self, form):
        """The same `id` gives the same object."""
        if form is None:
            return None
        if "id" not in form:
            return _auth(form)
        return self._auths.setdefault(form["id"], _auth(form))

    def _convert(self, spec: dict, converters: dict) -> dict:
        return {name: convert(spec[name]) for name, convert in converters.items() if name in spec}

    def of_request(self, call: dict) -> dict:
        """The arguments of `Request`, as far as they are given."""
        return self._convert(call, {
            "params": mapping, "headers": mapping, "data": bodies.data, "json": json_value, "files": bodies.files,
            "cookies": cookies, "auth": self.auth, "hooks": self.hooks.events,
        })

    def of_send(self, call: dict) -> dict:
        """The arguments of `Session.send`, as far as they are given."""
        return self._convert(call, {
            "allow_redirects": _as_given, "stream": _as_given, "timeout": _as_given, "verify": self.path,
            "cert": self.path, "proxies": mapping,
        })

    def session(self, spec: dict) -> requests.Session:
        """A session with the settings of the vector on top of the defaults."""
        session = requests.Session()
        if spec.get("default_headers") is False:
            session.headers.clear()
        session.headers.update(mapping(spec.get("headers", [])))
        for cookie in spec.get("cookies", []):
            pair = isinstance(cookie, list)
            set_cookie(session.cookies, {"name": cookie[0], "value": cookie[1]} if pair else cookie)
        settings = self._convert(spec, {
            "auth": self.auth, "params": mapping, "proxies": mapping, "hooks": self._session_hooks,
            "verify": self.path, "cert": self.path,
            **dict.fromkeys(("max_redirects", "trust_env", "stream"), _as_given),
        })
        for name, value in settings.items():
            setattr(session, name, value)
        for mount in spec.get("mounts", []):
            session.mount(mount["prefix"], adapter(mount.get("adapter")))
        return session

    def _session_hooks(self, form):
        made = self.hooks.events(form)
        return {event: found if isinstance(found, list) else [found] for event, found in made.items()}
