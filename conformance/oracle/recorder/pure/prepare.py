"""Preparing requests: method, headers, body, authentication."""
import hashlib
import re
import types

from requests import auth, utils
from requests.models import PreparedRequest, Request

from .. import bodies, results
from ..surroundings import replaced
from ..values import mapping, show_octets, show_pairs, text_or_octets

CNONCE = "0a4f113b00112233"
_MARK = b"recorder: cnonce"


def _prepare_method(case):
    request = PreparedRequest()
    request.prepare_method(text_or_octets(case["method"]))
    return request.method


def _prepare_headers(case):
    request = PreparedRequest()
    request.prepare_headers(mapping(case["headers"]))
    return show_pairs(request.headers)


def _prepare_body(case):
    request, given = PreparedRequest(), case.arguments.of_request(case)
    request.prepare_method(case.get("method", "POST"))
    request.prepare_headers(given.get("headers", {}))
    request.prepare_body(given.get("data"), given.get("files"), given.get("json"))
    return {"body": results.body(request.body), "headers": results.headers(request.headers)}


def _prepare_auth(case):
    request, given = PreparedRequest(), case.arguments.of_request(case)
    request.prepare(method="GET", url=case["url"], headers=given.get("headers"), auth=given.get("auth"))
    return {"url": request.url, "headers": results.headers(request.headers)}


def _prepare_request(case):
    session = case.arguments.session(case.get("session", {}))
    given = case.arguments.of_request(case)
    request = session.prepare_request(Request(case["method"], text_or_octets(case["url"]), **given))
    hooks = [getattr(hook, "hook_name", "auth") for hook in request.hooks["response"]]
    return {**results.request(request), "hooks": hooks}


def _rewind_body(case):
    request, body = PreparedRequest(), bodies.data(case["data"])
    request.prepare_method("POST")
    request.prepare_headers({})
    request.prepare_body(body, None)
    first = body.read(case.get("read", -1)) if hasattr(body, "read") else None
    utils.rewind_body(request)
    return {"read_first": show_octets(first), "read_again": show_octets(body.read())}


def _get_netrc_auth(case):
    found = utils.get_netrc_auth(text_or_octets(case["url"]))
    return list(found) if found else None


def _digest(case):
    """The cnonce is the beginning of a hash over random bytes; both are replaced, and nothing else."""
    chosen = {}

    def sha1(data, **options):
        if data.endswith(_MARK):
            return types.SimpleNamespace(hexdigest=lambda: chosen["cnonce"])
        return hashlib.sha1(data, **options)

    hashes = types.SimpleNamespace(sha1=sha1, **{n: getattr(hashlib, n) for n in ("md5", "sha256", "sha512")})
    random = types.SimpleNamespace(urandom=lambda _count: _MARK)
    handler, gives = auth.HTTPDigestAuth(case["username"], case["password"]), []
    handler.init_per_thread_state()
    with replaced((auth, "hashlib", hashes), (auth, "os", random)):
        for step in case["steps"]:
            chosen["cnonce"] = step.get("cnonce", CNONCE)
            gives.append(_digest_step(handler, step))
    return gives


def _digest_step(handler, step):
    if "www_authenticate" in step:
        fields = re.sub("digest ", "", step["www_authenticate"], count=1, flags=re.IGNORECASE)
        handler._thread_local.chal = utils.parse_dict_header(fields)
    try:
        return handler.build_digest_header(step.get("method", "GET"), step["url"])
    except Exception as raised:  # noqa: BLE001
        return {"error": type(raised).__name__}


FUNCTIONS = {
    "prepare_method": _prepare_method,
    "prepare_headers": _prepare_headers,
    "prepare_body": _prepare_body,
    "prepare_auth": _prepare_auth,
    "prepare_request": _prepare_request,
    "super_len": lambda case: utils.super_len(bodies.data(case["data"])),
    "rewind_body": _rewind_body,
    "guess_filename": lambda case: utils.guess_filename(types.SimpleNamespace(name=case["name"])),
    "basic_auth_str": lambda case: auth._basic_auth_str(*(text_or_octets(case[n]) for n in ("username", "password"))),
    "get_netrc_auth": _get_netrc_auth,
    "digest": _digest,
}
