"""The zones that the authorities serve, and the configuration of the DNS servers."""

DOMAINS = {
    "test": "a.nic A 192.0.2.51",
    "sender.test": "@ MX 10 mail\nmail A 192.0.2.10\nmail AAAA 2001:db8::10",
    "dns.test": "ns1 A 192.0.2.51\nns1 AAAA 2001:db8::51\nns2 A 192.0.2.52",
    "partner.test": """
        @ MX 10 mx1
        @ MX 20 mx2
        mx1 A 192.0.2.25
        mx1 AAAA 2001:db8::25
        mx2 A 192.0.2.26""",
    "four.test": "@ MX 10 mx1\n@ MX 20 mx2\n"
    + "\n".join(f"mx{n} A 192.0.2.2{n + 6}\nmx{n} AAAA 2001:db8::2{n + 6}" for n in (1, 2)),
    "only.test": "@ MX 10 mx1.partner.test.",
    "serial.test": "@ MX 10 mx1.partner.test.",
    "hole.test": "@ MX 10 mx\nmx A 192.0.2.66",
    "wide.test": "@ MX 10 mx1\n@ MX 20 mx2\nmx1 A 1.1.1.25\nmx2 A 9.9.9.25",
    "noroute.test": "@ MX 10 mx\nmx A 192.0.2.25\nmx AAAA 2001:db9::1",
    "null.test": "@ MX 0 .",
    "big.test": "\n".join(f"@ MX 10 a-mail-host-with-a-rather-long-name-{n:03}.mail.big.test." for n in range(60)),
}
# Domains with an MTA-STS policy: name to the addresses of MX host and policy host.
POLICY_MX, EXPIRED_MX = "192.0.2.111", "192.0.2.112"
POLICY_WEB, EXPIRED_WEB, FOREIGN_WEB = "192.0.2.113", "192.0.2.114", "192.0.2.115"
POLICY_HOSTS = {
    "enforce": (POLICY_MX, POLICY_WEB),
    "unlisted": (POLICY_MX, POLICY_WEB),
    "testing": (POLICY_MX, POLICY_WEB),
    "oldmail": (EXPIRED_MX, POLICY_WEB),
    "oldweb": (POLICY_MX, EXPIRED_WEB),
    "foreignweb": (POLICY_MX, FOREIGN_WEB),
    "large": (POLICY_MX, POLICY_WEB),
    "redirect": (POLICY_MX, POLICY_WEB),
    "html": (POLICY_MX, POLICY_WEB),
    "drips": (POLICY_MX, POLICY_WEB),
}
DOMAINS |= {
    f"{name}.test": f"""
        @ MX 10 mx
        mx A {mail}
        mta-sts A {web}
        _mta-sts TXT "v=STSv1; id=20261128T120000;"
        _smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@{name}.test\""""
    for name, (mail, web) in POLICY_HOSTS.items()
}
SERIAL = 2026112402
OLD_SERIAL = 2026112307


def zone_text(domain: str, records: str, serial: int) -> str:
    """Return a master file."""
    lines = "\n".join(line.strip() for line in records.splitlines())
    head = f"@ SOA ns1.dns.test. hostmaster.{domain}. {serial} 7200 3600 1209600 300"
    return f"$ORIGIN {domain}.\n$TTL 300\n{head}\n@ NS ns1.dns.test.\n@ NS ns2.dns.test.\n{lines}\n"


def knot_config(folder: str, addresses: list[str]) -> str:
    """Return the configuration of an authority."""
    listen = ", ".join(f"{address}@53" for address in addresses)
    zones = "\n".join(f"  - domain: {domain}" for domain in DOMAINS)
    return f"""\
server:
    rundir: {folder}
    listen: [ {listen} ]
    user: root:root
database:
    storage: {folder}/db
template:
  - id: default
    storage: {folder}
    file: "%s.zone"
zone:
{zones}
"""


def unbound_config(address: str) -> str:
    """Return the configuration of the resolver."""
    return f"""\
server:
    interface: {address}@53
    access-control: 0.0.0.0/0 allow
    do-daemonize: no
    username: ""
    chroot: ""
    pidfile: ""
    use-syslog: no
    cache-max-ttl: 1
    module-config: "iterator"
    local-zone: "test." nodefault
    domain-insecure: "test."
stub-zone:
    name: "test."
    stub-addr: 192.0.2.51@53
"""
