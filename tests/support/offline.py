"""No connection but to this machine, in a test and in the kernels of lessons."""

import socket
from pathlib import Path

LOOPBACK = {"127.0.0.1", "::1", "localhost", ""}


def forbid_network(patch=setattr) -> None:
    """A connection to anything but this machine is an `AssertionError`, which no code that expects `OSError` hides.

    `patch` sets an attribute: `monkeypatch.setattr` where it is to be undone.
    """

    def guard(method):
        def connect(self, address):
            if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOOPBACK:
                raise AssertionError(f"A test connects to {address!r} with the network off.")
            return method(self, address)

        return connect

    def resolve(host, *args, original=socket.getaddrinfo, **kwargs):
        if host is not None and host not in LOOPBACK:
            raise AssertionError(f"A test looks up {host!r} with the network off.")
        return original(host, *args, **kwargs)

    patch(socket.socket, "connect", guard(socket.socket.connect))
    patch(socket.socket, "connect_ex", guard(socket.socket.connect_ex))
    patch(socket, "getaddrinfo", resolve)


def forbid_network_in_kernels(environ: dict[str, str]) -> None:
    """In every kernel that is started with these variables, before its first cell. `IPYTHONDIR` must be its own."""
    startup = Path(environ["IPYTHONDIR"]) / "profile_default" / "startup"
    startup.mkdir(parents=True)
    program = "from tests.support.offline import forbid_network\nforbid_network()\ndel forbid_network\n"
    (startup / "offline.py").write_text(program)
