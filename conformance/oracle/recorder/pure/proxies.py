"""Which proxy a URL gets, and what it is told."""
from requests import utils
from requests.adapters import HTTPAdapter
from requests.models import PreparedRequest, Request
from requests.sessions import Session
from requests.structures import CaseInsensitiveDict

from ..values import mapping, show_pairs


def _sorted(proxies):
    return sorted([scheme, url] for scheme, url in proxies.items())


def _resolve_proxies(case):
    request = Request("GET", case["url"])
    return _sorted(utils.resolve_proxies(request, mapping(case["proxies"]), case.get("trust_env", True)))


def _rebuild_proxies(case):
    session, request = Session(), PreparedRequest()
    session.trust_env = case.get("trust_env", True)
    request.method, request.url = "GET", case["url"]
    request.headers = CaseInsensitiveDict(mapping(case.get("headers", [])))
    proxies = session.rebuild_proxies(request, mapping(case["proxies"]))
    return {"proxies": _sorted(proxies), "headers": show_pairs(request.headers)}


def _merge_environment_settings(case):
    session = case.arguments.session(case.get("session", {}))
    given = case.arguments.of_send(case)
    merged = session.merge_environment_settings(
        case["url"], given.get("proxies", {}), *(given.get(name) for name in ("stream", "verify", "cert"))
    )

    def show(value):
        if isinstance(value, tuple):
            return [show(part) for part in value]
        return value.replace(str(case.home), "@files") if isinstance(value, str) else value

    return {
        "proxies": _sorted(merged["proxies"]), "stream": merged["stream"], "verify": show(merged["verify"]),
        "cert": show(merged["cert"]),
    }


def _request_url(case):
    request = PreparedRequest()
    request.prepare(method="GET", url=case["url"])
    return HTTPAdapter().request_url(request, mapping(case.get("proxies", [])))


def _get_adapter(case):
    session = Session()
    if case.get("clear"):
        session.adapters.clear()
    names = {adapter: prefix for prefix, adapter in session.adapters.items()}
    for number, prefix in enumerate(case["mounts"]):
        adapter = HTTPAdapter()
        session.mount(prefix, adapter)
        names[adapter] = f"#{number}:{prefix}"
    found = {"order": list(session.adapters)}
    if "url" in case:
        found["adapter"] = names[session.get_adapter(case["url"])]
    return found


FUNCTIONS = {
    "select_proxy": lambda case: utils.select_proxy(case["url"], mapping(case["proxies"])),
    "should_bypass_proxies": lambda case: bool(utils.should_bypass_proxies(case["url"], case.get("no_proxy"))),
    "get_environ_proxies": lambda case: _sorted(utils.get_environ_proxies(case["url"], case.get("no_proxy"))),
    "resolve_proxies": _resolve_proxies,
    "rebuild_proxies": _rebuild_proxies,
    "merge_environment_settings": _merge_environment_settings,
    "proxy_headers": lambda case: show_pairs(HTTPAdapter().proxy_headers(case["proxy"])),
    "request_url": _request_url,
    "get_adapter": _get_adapter,
}
