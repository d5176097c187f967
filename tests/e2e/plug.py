"""A line to a web server that can be cut: what stands between a phone and the shop in a tunnel."""

from __future__ import annotations

import contextlib
import socket
import threading


class Plug:
    """Hands bytes on from a port of its own to another while it is in."""

    def __init__(self, address: str) -> None:
        host, _colon, port = address.removeprefix("http://").partition(":")
        self._server = (host, int(port))
        self._open: list[socket.socket] = []
        self._listening = socket.create_server((host, 0))
        self.address = "http://{}:{}".format(*self._listening.getsockname())
        self._accept()

    def pull(self) -> None:
        """Cuts every connection, and takes no new one."""
        self._shut(self._listening)
        while self._open:
            self._shut(self._open.pop())

    def put(self) -> None:
        """The line is there again, under the same address."""
        host, _colon, port = self.address.removeprefix("http://").partition(":")
        self._listening = socket.create_server((host, int(port)))
        self._accept()

    def _accept(self) -> None:
        threading.Thread(target=self._take, args=[self._listening], daemon=True).start()

    def _take(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _peer = listening.accept()
                far = socket.create_connection(self._server)
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._hand_on, args=[one, other], daemon=True).start()

    def _hand_on(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while part := one.recv(65_536):
                other.sendall(part)
        self._shut(other)

    @staticmethod
    def _shut(one: socket.socket) -> None:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
