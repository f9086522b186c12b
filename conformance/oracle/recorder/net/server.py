"""One scripted server: its listener and the replies that are left."""
import socket
import threading

from . import http, socks, tls

KINDS = {
    "origin": http.HttpConnection,
    "http-proxy": http.HttpConnection,
    "socks4-proxy": socks.Socks4Connection,
    "socks5-proxy": socks.Socks5Connection,
}


class Server:
    """Serves every connection on a thread of its own."""

    def __init__(self, network, index: int, spec: dict):
        self.network, self.index, self.spec = network, index, spec
        self.host, self.port = spec["host"].lower().strip("[]"), spec["port"]
        self.kind = spec.get("kind", "origin")
        self.connects = list(spec.get("connects", []))
        self.tls = tls.context(spec.get("tls"))
        self.connections = 0
        self._replies = list(spec.get("replies", []))
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.loopback_port = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def _start(self, target, *args):
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = KINDS[self.kind](self, accepted, self.connections)
            self.connections += 1
            self.network.arrived(connection)
            self._start(self._serve, connection)

    def _serve(self, connection):
        """Closes before it says that the connection is gone, so that the client can see it by then."""
        try:
            connection.run()
        except (EOFError, OSError):
            pass
        finally:
            connection.close()
            self.network.gone(connection)

    def next_reply(self) -> dict | None:
        """Replies go to requests in the order in which these are complete, over all connections."""
        with self.network.changed:
            return self._replies.pop(0) if self._replies else None

    def unused(self) -> int:
        return len(self._replies)

    def stop_listening(self):
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()

    def join(self):
        for thread in self._threads:
            thread.join(1.0)
