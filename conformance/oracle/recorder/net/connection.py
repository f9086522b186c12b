"""What connections of every kind have in common: phases, reading, ways to end, relaying."""
import contextlib
import enum
import select
import socket
import ssl
import struct

RECEIVE_BYTES_MAX = 65536


class Phase(enum.Enum):
    """What a connection is doing, as far as the network's rest is concerned."""

    LISTENING = "the next move is the client's, or bytes are there to be read"
    WORKING = "it reads, answers or closes"
    SILENT = "it has been told never to do anything again"


class Connection:
    """An accepted connection. It reads only while it is working, so no byte is ever unaccounted for."""

    def __init__(self, server, accepted: socket.socket, number: int):
        self.server, self.network, self.number = server, server.network, number
        self.socket = accepted
        self.sockets = [accepted]
        self.phase = Phase.LISTENING
        self.buffer = b""

    def enter(self, phase: Phase):
        with self.network.changed:
            self.phase = phase
            self.network.changed.notify_all()

    def await_bytes(self) -> list:
        """Listens until a socket has something to read (bytes or an end), then goes to work."""
        if isinstance(self.socket, ssl.SSLSocket) and self.socket.pending():
            return [self.socket]
        self.enter(Phase.LISTENING)
        ready = select.select(self.sockets, [], [])[0]
        self.enter(Phase.WORKING)
        return ready

    def receive(self):
        data = self.socket.recv(RECEIVE_BYTES_MAX)
        if not data:
            raise EOFError
        self.buffer += data

    def take(self, count: int) -> bytes:
        """Exactly `count` bytes; those of an incomplete part stay in the buffer."""
        while len(self.buffer) < count:
            self.receive()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def take_until(self, end: bytes) -> bytes:
        """Up to and with the next `end`."""
        while end not in self.buffer:
            self.receive()
        return self.take(self.buffer.index(end) + len(end))

    def replace_socket(self, new):
        with self.network.changed:
            self.socket = new
            self.sockets = [new]

    def hang(self):
        """Says nothing more, until the client has closed."""
        self.enter(Phase.SILENT)
        while self.socket.recv(RECEIVE_BYTES_MAX):
            pass

    def _detach(self) -> socket.socket:
        """The TCP socket without its TLS layer."""
        return socket.socket(fileno=self.socket.detach())

    def end_orderly(self):
        """With the close notice of TLS; the one of the client is not waited for."""
        if isinstance(self.socket, ssl.SSLSocket):
            with contextlib.suppress(OSError, ValueError):
                self.socket.settimeout(0)
                self.socket.unwrap()
        self.end_abruptly()

    def end_abruptly(self):
        """Closes TCP alone."""
        with self._detach() as plain, contextlib.suppress(OSError):
            plain.shutdown(socket.SHUT_RDWR)

    def end_with_reset(self):
        with self._detach() as plain:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def close(self):
        for each in self.sockets:
            with contextlib.suppress(OSError):
                each.close()

    def cut(self):
        """From another thread: wakes the connection up with an end."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def relay(self, target):
        """Carries bytes to and from the server `target` until one side ends."""
        self.network.expect()
        upstream = socket.create_connection(("127.0.0.1", target.loopback_port))
        upstream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        upstream.sendall(self.buffer)
        with self.network.changed:
            self.sockets = [self.socket, upstream]
        while True:
            for source in self.await_bytes():
                data = source.recv(RECEIVE_BYTES_MAX)
                if not data:
                    return
                (upstream if source is self.socket else self.socket).sendall(data)
