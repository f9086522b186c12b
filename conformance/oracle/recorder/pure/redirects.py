"""Redirects, decided one hop at a time."""
from requests.models import PreparedRequest, Response
from requests.sessions import Session
from requests.structures import CaseInsensitiveDict

from .. import bodies, results
from ..handmade import response_of
from ..values import mapping, show_pairs


def _rebuild_method(case):
    request, response = PreparedRequest(), Response()
    request.method, response.status_code = case["method"], case["status"]
    Session().rebuild_method(request, response)
    return request.method


def _is_redirect(case):
    response = response_of(case)
    return {"is_redirect": response.is_redirect, "is_permanent_redirect": response.is_permanent_redirect}


def _next(case):
    """The request that follows `request_url` answered with `location`."""
    session, request = Session(), PreparedRequest()
    session.trust_env = False
    request.prepare(
        method=case.get("method", "GET"), url=case["request_url"], headers=mapping(case.get("request_headers", [])),
        data=bodies.data(case.get("data")), hooks={},
    )
    answer = {"status": case.get("status", 302), "headers": [["Location", case["location"]]]}
    response = response_of(answer, request.url)
    response.request = request
    return next(session.resolve_redirects(response, request, yield_requests=True), None)


def _rebuild_auth(case):
    session, response = Session(), Response()
    session.trust_env = case.get("trust_env", True)
    response.request, new = (_bare_request(case[side], case) for side in ("old", "new"))
    session.rebuild_auth(new, response)
    return show_pairs(new.headers)


def _bare_request(url, case):
    request = PreparedRequest()
    request.method, request.url = "GET", url
    request.headers = CaseInsensitiveDict(mapping(case.get("headers", [])))
    return request


FUNCTIONS = {
    "should_strip_auth": lambda case: Session().should_strip_auth(case["old"], case["new"]),
    "rebuild_method": _rebuild_method,
    "get_redirect_target": lambda case: Session().get_redirect_target(response_of(case)),
    "is_redirect": _is_redirect,
    "resolve_redirect_url": lambda case: getattr(_next(case), "url", None),
    "redirect_request": lambda case: results.request(_next(case)),
    "rebuild_auth": _rebuild_auth,
}
