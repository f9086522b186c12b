"""All servers of one vector, the log of what reaches them, and when they are at rest."""
import select
import socket
import threading

from .connection import Phase
from .server import Server

SETTLE_SECONDS_MAX = 3.0
_FAILURES = {
    "dns": lambda: socket.gaierror(-2, "Name or service not known"),
    "timeout": lambda: TimeoutError("timed out"),
    "refused": lambda: ConnectionRefusedError(111, "Connection refused"),
}


class Unsettled(BaseException):
    """The servers did not come to rest. No `Exception`: the client under test must not catch it."""


class Network:
    """Its servers listen while it is used as a context."""

    def __init__(self, vector: dict):
        self.changed = threading.Condition()
        self.wire: list[dict] = []
        self.dials: list[list] = []
        self.live: set = set()
        self.expected = self.accepted = 0
        self.dns = vector.get("dns", {})
        self._unreachable = vector.get("unreachable", {})
        self.servers = [Server(self, n, spec) for n, spec in enumerate(vector.get("servers", []))]

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.settle()
        for server in self.servers:
            server.stop_listening()
        with self.changed:
            live = list(self.live)
        for connection in live:
            connection.cut()
        for server in self.servers:
            server.join()

    def find(self, host: str, port: int) -> Server | None:
        """The server at a place; a name with a trailing dot may be listed without it."""
        host = host.strip("[]").lower()
        for name in (host, host.rstrip(".")):
            for server in self.servers:
                if (server.host, server.port) == (name, port):
                    return server
        return None

    def behind(self, address: str, port: int) -> Server | None:
        """The server that a SOCKS client means: by its name, or by the address of its name."""
        names = [address] + [name for name, resolved in self.dns.items() if resolved == address]
        return next(filter(None, (self.find(name, port) for name in names)), None)

    def resolve(self, name: str) -> str:
        """The address that a client which resolves names itself gets for `name`."""
        if name not in self.dns:
            raise _FAILURES["dns"]()
        return self.dns[name]

    def dial(self, host: str, port: int) -> int:
        """Logs an attempt to connect; returns the loopback port, or raises how the attempt failed."""
        server = self.find(host, port)
        if server is not None:
            outcome = server.connects.pop(0) if server.connects else "ok"
        else:
            name = host.strip("[]").lower()
            either = self._unreachable.get(name, "refused")
            outcome = self._unreachable.get(f"{name}:{port}", either)
        self.dials.append([host, port, outcome])
        if outcome != "ok":
            raise _FAILURES[outcome]()
        self.expect()
        return server.loopback_port

    def expect(self):
        """A connection is about to be made; the network is not at rest before it is accepted."""
        with self.changed:
            self.expected += 1

    def arrived(self, connection):
        with self.changed:
            self.accepted += 1
            self.live.add(connection)
            self.changed.notify_all()

    def gone(self, connection):
        with self.changed:
            self.live.discard(connection)
            self.changed.notify_all()

    def log(self, entry: dict):
        with self.changed:
            self.wire.append(entry)

    def settle(self):
        """Waits until the servers have done everything that the client's actions so far cause.

        Without it, a result would depend on whether the client's next step or the closing of a pooled
        connection comes first.
        """
        with self.changed:
            if not self.changed.wait_for(self._is_settled, SETTLE_SECONDS_MAX):
                raise Unsettled("the servers do not come to rest")

    def _is_settled(self) -> bool:
        """Called under the lock. No connection can begin to work meanwhile: that takes the lock, too."""
        if self.accepted < self.expected or any(c.phase is Phase.WORKING for c in self.live):
            return False
        listening = [s for c in self.live if c.phase is Phase.LISTENING for s in c.sockets]
        return not select.select(listening, [], [], 0)[0]
