"""HTTP/1.1 as the scripted side speaks it: reads requests, logs them, and plays the replies."""
import re
import select
import time

from .. import normal
from ..values import octets, show_octets
from . import digest, tls
from .connection import Connection

STALL_SECONDS = 0.4
PAUSE_MS = 0.3
ESTABLISHED = "HTTP/1.1 200 Connection established\r\n\r\n"
_TLS_HANDSHAKE_RECORD = b"\x16\x03"
_INCOMPLETE = (EOFError, OSError, ValueError)


class HttpConnection(Connection):
    """A connection to an origin or to an HTTP proxy."""

    def __init__(self, server, accepted, number):
        super().__init__(server, accepted, number)
        self._hello = None

    def run(self):
        if self.server.tls is not None:
            self.await_bytes()
            wrapped, self._hello = tls.accept(self.server.tls, self.socket)
            self.replace_socket(wrapped)
        while self._exchange():
            pass

    def _exchange(self) -> bool:
        """One request and its reply. True while the connection is to be kept."""
        if not self.buffer:
            self.await_bytes()
        self.socket.settimeout(STALL_SECONDS)
        if not self.buffer:
            self.receive()
        entry = {"server": self.server.index, "conn": self.number}
        is_complete = self._read_request(entry)
        self.socket.settimeout(None)
        reply = self._choose_reply(entry["request_line"]) if is_complete else None
        if is_complete and reply is None:
            entry["unanswered"] = True
        self.network.log(entry)
        return reply is not None and self._answer(reply, entry["request_line"])

    def _choose_reply(self, request_line: str) -> dict | None:
        reply = self.server.next_reply()
        if reply is None and self.server.kind == "http-proxy" and request_line.startswith("CONNECT "):
            return {"tunnel": True}
        return reply

    # Reading

    def _read_request(self, entry: dict) -> bool:
        """Fills the log entry; false if the request never came to its end."""
        try:
            lines = self.take_until(b"\r\n\r\n")[:-4].decode("latin-1").split("\r\n")
        except (EOFError, OSError):
            is_tls = self.buffer.startswith(_TLS_HANDSHAKE_RECORD)
            entry["incomplete"] = True
            entry["raw"] = {"tls_client_hello": True} if is_tls else show_octets(self.buffer)
            return False
        entry["request_line"] = lines[0]
        headers = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers.append((name.lower(), value.strip(" \t")))
        chunks, body = self._read_body(headers, entry)
        entry["headers"] = [[name, self._header(name, value, entry)] for name, value in headers]
        entry["body"] = show_octets(normal.body(body))
        if chunks is not None:
            entry["chunks"] = chunks
        if self._hello is not None:
            entry["tls"] = self._hello
        return "incomplete" not in entry

    def _read_body(self, headers, entry) -> tuple[list[int] | None, bytes]:
        """The sizes of the chunks, if any, and the bytes, as many as came."""
        first = dict(reversed(headers))
        parts: list[bytes] = []
        is_chunked = "chunked" in first.get("transfer-encoding", "").lower()
        try:
            if is_chunked:
                self._read_chunks(parts)
            else:
                parts.append(self.take(int(first.get("content-length", "0"))))
            rest = b""
        except _INCOMPLETE:
            entry["incomplete"] = True
            rest, self.buffer = self.buffer, b""
        return [len(p) for p in parts] if is_chunked else None, b"".join(parts) + rest

    def _read_chunks(self, parts: list[bytes]):
        while size := int(self.take_until(b"\r\n").split(b";")[0], 16):
            parts.append(self.take(size))
            self.take(2)
        while self.take_until(b"\r\n") != b"\r\n":
            pass

    def _header(self, name: str, value: str, entry: dict) -> str:
        if name in ("authorization", "proxy-authorization") and value.startswith("Digest "):
            if known := self.server.spec.get("digest"):
                entry["digest_valid"] = digest.is_valid(value, entry["request_line"], *known)
            value = normal.credentials(value)
        return normal.header(name, value)

    # Answering

    def _answer(self, reply: dict, request_line: str) -> bool:
        if reply.get("hang"):
            return self.hang()
        self._pause(reply.get("delay_ms", 0))
        self._send(octets(reply.get("send", ESTABLISHED if reply.get("tunnel") else "")), reply)
        if reply.get("tunnel"):
            return self._tunnel(request_line)
        match reply.get("then", "keep"):
            case "keep":
                return True
            case "hang":
                self.hang()
            case "close":
                self.end_orderly()
            case "abort":
                self.end_abruptly()
            case "reset":
                self.end_with_reset()
        return False

    def _tunnel(self, request_line: str):
        place = re.match(r"CONNECT (\[.*?\]|[^:]+):(\d+)", request_line)
        target = place and self.network.find(place[1], int(place[2]))
        if target is not None:
            self.relay(target)

    def _send(self, data: bytes, reply: dict):
        split = reply.get("split", [])
        cuts = list(range(1, len(data))) if split == "every" else [n for n in split if n < len(data)]
        begin = 0
        for cut in cuts:
            self.socket.sendall(data[begin:cut])
            self._pause(reply.get("pause_ms", PAUSE_MS))
            begin = cut
        self.socket.sendall(data[begin:])

    def _pause(self, milliseconds: float):
        """The request is complete, so that anything readable can only be that the client has gone."""
        end = time.monotonic() + milliseconds / 1000
        if milliseconds and select.select([self.socket], [], [], end - time.monotonic())[0]:
            raise EOFError
