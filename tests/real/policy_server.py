"""An HTTPS server of the tests' own: `python -m tests.real.policy_server FILE`, run where the policy hosts live.

The file is JSON: `listen` maps an address to a PEM file with key and chain, `replies` a host to what it sends.
"""

import contextlib
import json
import socket
import ssl
import sys
import threading
import time
from pathlib import Path
from typing import Any

DRIP = 0.05  # seconds between two bytes


def main(path: str) -> None:
    """Serve until killed."""
    told: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    for address, pem in told["listen"].items():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        server = socket.create_server((address, 443))
        threading.Thread(target=_serve, args=(server, context, told["replies"])).start()


def _serve(server: socket.socket, context: ssl.SSLContext, replies: dict[str, dict[str, Any]]) -> None:
    while True:
        client, _ = server.accept()
        threading.Thread(target=_answer, args=(client, context, replies), daemon=True).start()


def _answer(client: socket.socket, context: ssl.SSLContext, replies: dict[str, dict[str, Any]]) -> None:
    with contextlib.suppress(OSError), context.wrap_socket(client, server_side=True) as secure:
        head = b""
        while b"\r\n\r\n" not in head:
            data = secure.recv(4096)
            if not data:
                return
            head += data
        lines = head.decode("latin-1").split("\r\n")
        host = next(line[5:].strip() for line in lines if line.lower().startswith("host:"))
        reply = replies[host]
        octets = reply["text"].encode()
        if not reply.get("drips"):
            secure.sendall(octets)
            return
        for byte in octets:
            secure.sendall(bytes([byte]))
            time.sleep(DRIP)


if __name__ == "__main__":
    main(sys.argv[1])
