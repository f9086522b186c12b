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


def prepare_method(case):
    request = PreparedRequest()
    request.prepare_method(text_or_octets(case["method"]))
    return request.method


def prepare_headers(case):
    request = PreparedRequest()
    request.prepare_headers(mapping(case["headers"]))
    return show_pairs(request.headers)


def prepare_body(case):
    request, given = PreparedRequest(), case.arguments.of_request(case)
    request.prepare_method(case.get("method", "POST"))
    request.prepare_headers(given.get("headers", {}))
    request.prepare_body(given.get("data"), given.get("files"), given.get("json"))
    return {"body": results.body(request.body), "headers": results.headers(request.headers)}


def prepare_auth(case):
    request, given = PreparedRequest(), case.arguments.of_request(case)
    request.prepare(method="GET", url=case["url"], headers=given.get("headers"), auth=given.get("auth"))
    return {"url": request.url, "headers": results.headers(request.headers)}


def prepare_request(case):
    session = case.arguments.session(case.get("session", {}))
    given = case.arguments.of_request(case)
    request = session.prepare_request(Request(case["method"], text_or_octets(case["url"]), **given))
    hooks = [getattr(hook, "hook_name", "auth") for hook in request.hooks["response"]]
    return {**results.request(request), "hooks": hooks}


def super_len(case):
    return utils.super_len(bodies.data(case["data"]))


def rewind_body(case):
    request, body = PreparedRequest(), bodies.data(case["data"])
    request.prepare_method("POST")
    request.prepare_headers({})
    request.prepare_body(body, None)
    first = body.read(case.get("read", -1)) if hasattr(body, "read") else None
    utils.rewind_body(request)
    return {"read_first": show_octets(first), "read_again": show_octets(body.read())}


def guess_filename(case):
    return utils.guess_filename(types.SimpleNamespace(name=case["name"]))


def basic_auth_str(case):
    return auth._basic_auth_str(text_or_octets(case["username"]), text_or_octets(case["password"]))


def get_netrc_auth(case):
    found = utils.get_netrc_auth(text_or_octets(case["url"]))
    return list(found) if found else None


def digest(case):
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
