"""What others see of this host: address, reverse DNS name, EHLO name, blocklists."""
