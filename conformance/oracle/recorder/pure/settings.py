"""Merging of settings, and the headers' dict."""
from collections import OrderedDict
from collections.abc import Mapping

from requests import sessions
from requests.structures import CaseInsensitiveDict

from ..values import show_pairs

_DICTS = {"ordered": OrderedDict, "case_insensitive": CaseInsensitiveDict}


def _setting(form):
    match form:
        case {"map": pairs}:
            return {name: _setting(value) for name, value in pairs}
        case {"list": pairs}:
            return [tuple(pair) for pair in pairs]
    return form


def _show_setting(value):
    if isinstance(value, Mapping):
        return {"map": [[name, _show_setting(each)] for name, each in value.items()]}
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return {"list": [list(pair) for pair in value]}
    return value


def _merge_setting(case):
    request, session = _setting(case["request"]), _setting(case["session"])
    return _show_setting(sessions.merge_setting(request, session, _DICTS[case.get("dict", "ordered")]))


def _merge_hooks(case):
    request, session = (None if form is None else dict(form) for form in (case["request"], case["session"]))
    return show_pairs(sessions.merge_hooks(request, session))


def _case_insensitive_dict(case):
    """Only asking gives a result; a missing key gives one always."""
    headers, gives = CaseInsensitiveDict(), []
    for operation, *args in case["ops"]:
        try:
            match operation:
                case "set":
                    headers[args[0]] = args[1]
                case "del":
                    del headers[args[0]]
                case "update":
                    headers.update(map(tuple, args[0]))
                case "copy":
                    headers = headers.copy()
                case _:
                    gives.append(_ask(headers, operation, args))
        except KeyError:
            gives.append({"error": "KeyError"})
    return {"results": gives, "items": show_pairs(headers), "len": len(headers)}


def _ask(headers, operation, args):
    match operation:
        case "get":
            return headers.get(args[0])
        case "in":
            return args[0] in headers
        case "setdefault":
            return headers.setdefault(*args)
        case "pop":
            return headers.pop(args[0], None)
        case "eq":
            return headers == dict(args[0])
        case "lower_items":
            return [list(item) for item in headers.lower_items()]
    raise SystemExit(f"no operation {operation!r}")


FUNCTIONS = {
    "merge_setting": _merge_setting,
    "merge_hooks": _merge_hooks,
    "case_insensitive_dict": _case_insensitive_dict,
}
