"""What receivers check about the sender: SPF, DKIM, DMARC, their own requirements, the message. No imports."""
