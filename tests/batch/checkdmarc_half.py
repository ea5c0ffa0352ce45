"""What checkdmarc takes for the DNS of the same domains: `python checkdmarc_half.py PORT NUMBER`.

It runs by itself, with checkdmarc's own environment: nothing of ours is imported. Its sessions are left out.
"""

import json
import sys
import time

import checkdmarc
import dns.nameserver


def main() -> None:
    port, number = int(sys.argv[1]), int(sys.argv[2])
    servers = [dns.nameserver.Do53Nameserver("127.0.0.1", port)]
    found = 0
    began, used = time.monotonic(), time.process_time()
    for place in range(number):
        result = checkdmarc.check_domains([f"d{place:04}.example"], nameservers=servers)
        found += bool(result["mx"]["hosts"])
    seconds, cpu = time.monotonic() - began, time.process_time() - used
    sys.stdout.write(json.dumps({"seconds": seconds, "cpu": cpu, "found": found}) + "\n")


if __name__ == "__main__":
    main()
