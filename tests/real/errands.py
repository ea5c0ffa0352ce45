"""What the tests themselves do on a machine of the lab; each function takes its words from the command line."""

import socket
import sys
import time

import dns.message
import dns.query


def wait_for() -> int:
    """Wait until a server listens: ADDRESS, PORT, and for how many seconds at most."""
    address, port, limit = sys.argv[1:]
    end = time.monotonic() + float(limit)
    while time.monotonic() < end:
        try:
            socket.create_connection((address, int(port)), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return 0
    return 1


def look_up() -> int:
    """Ask a server over UDP as a cache is filled, and print the data that comes: SERVER, NAME, TYPE."""
    server, name, rdtype = sys.argv[1:]
    reply = dns.query.udp(dns.message.make_query(name, rdtype), server, timeout=15)
    sys.stdout.write("".join(f"{record}\n" for rrset in reply.answer for record in rrset))
    return 0
