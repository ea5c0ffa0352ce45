"""What strict senders check about the receiver: DNSSEC, DANE, MTA-STS; and where reports go. No imports."""
