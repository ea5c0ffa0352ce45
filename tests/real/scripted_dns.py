"""DNS servers that no software is and people have: `python -m tests.real.scripted_dns untrue|slow ADDRESS`.

`untrue` is the authority of two domains: `untrue.lab` has an address, and its MX question gets NXDOMAIN; while
`apex.lab` is a CNAME for whoever asks, though it has a SOA and name servers too. `slow` is a resolver whose TCP
server takes its time for each question on a connection, one after the other.
"""

import socket
import socketserver
import struct
import sys
import threading
import time

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rrset

from tests.real.hierarchy import MX, UNBOUND

SOA = "ns-untrue.nic.lab. hostmaster.untrue.lab. 1 7200 3600 1209600 60"
SECONDS = 1.2
ADDRESS_ONLY, ALIAS = "untrue.lab.", "apex.lab."
RECORDS = {(zone, "SOA"): SOA for zone in (ADDRESS_ONLY, ALIAS)}
RECORDS |= {(zone, "NS"): "ns-untrue.nic.lab." for zone in (ADDRESS_ONLY, ALIAS)}
RECORDS[ADDRESS_ONLY, "A"] = MX


def untrue(query: dns.message.Message, _tcp: bool) -> dns.message.Message:
    """Answer as old load balancers do, which know addresses alone, and as hosters' panels that allow anything."""
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.AA
    question = query.question[0]
    name, rdtype = question.name.to_text().lower(), dns.rdatatype.to_text(question.rdtype)
    data = RECORDS.get((name, rdtype))
    if data is None and name == ALIAS:
        rdtype, data = "CNAME", "healthy.lab."
    if data is not None:
        reply.answer.append(dns.rrset.from_text(name, 300, "IN", rdtype, data))
        return reply
    zone = ALIAS if name.endswith(ALIAS) else ADDRESS_ONLY
    reply.authority.append(dns.rrset.from_text(zone, 300, "IN", "SOA", SOA))
    if rdtype == "MX" or name != zone:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply


def slow(query: dns.message.Message, tcp: bool) -> dns.message.Message:
    """Ask a real resolver, over TCP after a while."""
    if tcp:
        time.sleep(SECONDS)
    return dns.query.udp(query, UNBOUND, timeout=5)


def main() -> None:
    """Serve until killed."""
    answer = {"untrue": untrue, "slow": slow}[sys.argv[1]]

    class Udp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, server = self.request
            server.sendto(answer(dns.message.from_wire(data), False).to_wire(), self.client_address)

    class Tcp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while True:
                head = _exactly(self.request, 2)
                if len(head) < 2:
                    return
                query = dns.message.from_wire(_exactly(self.request, struct.unpack("!H", head)[0]))
                wire = answer(query, True).to_wire()
                self.request.sendall(struct.pack("!H", len(wire)) + wire)

    class TcpServer(socketserver.ThreadingTCPServer):
        allow_reuse_address = True

    place = (sys.argv[2], 53)
    threading.Thread(target=socketserver.ThreadingUDPServer(place, Udp).serve_forever, daemon=True).start()
    TcpServer(place, Tcp).serve_forever()


def _exactly(connection: socket.socket, number: int) -> bytes:
    data = b""
    while len(data) < number:
        more = connection.recv(number - len(data))
        if not more:
            break
        data += more
    return data


if __name__ == "__main__":
    main()
