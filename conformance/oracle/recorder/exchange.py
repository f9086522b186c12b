"""Runs one exchange vector and gives its `expect` (FORMAT.md, section 3)."""
import contextlib
import gc

import requests

from . import operations, patches, reads, results
from .arguments import Arguments
from .clock import CLOCK, START
from .net.network import Network
from .surroundings import surroundings
from .values import octets, text_or_octets

_HELPERS = ("get", "options", "head", "post", "put", "patch", "delete")


class Client:
    """One session and the calls on it, with every response that is still needed."""

    def __init__(self, arguments: Arguments, network: Network, spec: dict):
        self._arguments, self._network = arguments, network
        self.session = arguments.session(spec)
        self._responses: list[requests.Response | None] = []

    def perform(self, call: dict) -> dict:
        """One call or operation, and its entry in `calls`."""
        self._arguments.hooks.log = log = []
        self._network.settle()
        response = None
        if "op" in call and call["op"] != "send_next":
            shown = self._operate(call)
        else:
            shown, response = self._request(call)
        self._responses.append(response)
        return shown | ({"hook_log": log} if log else {})

    def _operate(self, call: dict) -> dict:
        shown = {"op": call["op"]}
        try:
            self.session, gives = operations.perform(self.session, call, self._arguments)
        except Exception as raised:  # noqa: BLE001
            gives = {"error": results.error(raised)}
        return shown | gives

    def _request(self, call: dict):
        try:
            response = self._send(call)
            wanted = call.get("stream")
            shown = results.response(response, self.session.stream if wanted is None else wanted)
        except Exception as raised:  # noqa: BLE001
            response = getattr(raised, "response", None)
            shown = {"error": results.error(raised)}
        if response is not None and "read" in call:
            shown["reads"] = [reads.perform(response, step) for step in call["read"]]
        return shown, response

    def _send(self, call: dict) -> requests.Response:
        send = self._arguments.of_send(call)
        if call.get("op") == "send_next":
            return self.session.send(self._responses[call["of"]].next, **send)
        method, url, via = call["method"], text_or_octets(call["url"]), call.get("via", "verb")
        given = self._arguments.of_request(call)
        if via in ("send", "bare"):
            return self._send_prepared(requests.Request(method, url, **given), call, send)
        if via == "verb" and method.lower() in _HELPERS:
            return getattr(self.session, method.lower())(url, **given, **send)
        return self.session.request(method, url, **given, **send)

    def _send_prepared(self, request: requests.Request, call: dict, send: dict) -> requests.Response:
        is_bare = call["via"] == "bare"
        prepared = request.prepare() if is_bare else self.session.prepare_request(request)
        for name, value in call.get("prepared_headers", []):
            if value is None:
                prepared.headers.pop(name, None)
            else:
                prepared.headers[name] = value
        if "prepared_url" in call:
            prepared.url = call["prepared_url"]
        if "prepared_body" in call:
            body = call["prepared_body"]
            prepared.body = None if body is None else octets(body)
        if call.get("merge_environment"):
            settings = [send.get(name) for name in ("stream", "verify", "cert")]
            merge = self.session.merge_environment_settings
            send |= merge(prepared.url, send.get("proxies") or {}, *settings)
        return self.session.send(prepared, **send)

    def close(self):
        for response in self._responses:
            if response is not None and response.raw is not None:
                with contextlib.suppress(Exception):
                    response.close()
        self.session.close()


def run(vector: dict) -> dict:
    """Everything that can be observed while the calls of the vector run."""
    CLOCK.reset(vector.get("clock", START))
    # A collection in between could close a connection that a failed call has left behind.
    gc.disable()
    with (
        surroundings(vector.get("env"), vector.get("files")) as home,
        Network(vector) as network,
        patches.client(network),
    ):
        client = Client(Arguments(home), network, vector.get("session", {}))
        calls = [client.perform(call) for call in vector["calls"]]
        network.settle()
        cookies = results.jar(client.session.cookies)
        client.close()
    gc.enable()
    expect = {
        "wire": network.wire, "calls": calls, "session_cookies": cookies, "dials": network.dials,
        "connections": [server.connections for server in network.servers],
    }
    if CLOCK.sleeps:
        expect["sleeps"] = CLOCK.sleeps
    unused = [server.unused() for server in network.servers]
    if any(unused):
        expect["unused_replies"] = unused
    return expect
