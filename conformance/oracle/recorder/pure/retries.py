"""A retry policy led through a series of events."""
from urllib3 import HTTPResponse, Retry
from urllib3.exceptions import ConnectTimeoutError, ProtocolError

from ..arguments import adapter
from ..clock import CLOCK

_ERRORS = {"connect": ConnectTimeoutError, "read": ProtocolError}


def _retry_policy(case):
    """One answer per event, up to the first that ends the retrying."""
    policy, gives = adapter({"max_retries": case["retry"]}).max_retries, []
    for event in case["events"]:
        policy, given = _after(policy, event)
        gives.append(given)
        if not given["retry"]:
            break
    return gives


def _after(policy: Retry, event: dict) -> tuple[Retry, dict]:
    method, kind = event.get("method", "GET"), event["kind"]
    error = response = None
    if kind == "status":
        response = HTTPResponse(status=event["status"], headers=dict(event.get("headers", [])))
        if not policy.is_retry(method, event["status"], "Retry-After" in response.headers):
            return policy, {"retry": False}
    else:
        error = _ERRORS[kind]("scripted")
    try:
        policy = policy.increment(method, "/", response=response, error=error)
    except Exception as raised:  # noqa: BLE001
        return policy, {"retry": False, "exhausted": True, "raises": type(raised).__name__}
    CLOCK.sleeps.clear()
    try:
        policy.sleep(response)
    except Exception as raised:  # noqa: BLE001
        return policy, {"retry": False, "raises": type(raised).__name__}
    return policy, {"retry": True, "sleeps": list(CLOCK.sleeps)}


FUNCTIONS = {"retry_policy": _retry_policy}
