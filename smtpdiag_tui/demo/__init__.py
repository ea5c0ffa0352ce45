"""An embedded internet on the loopback: scripted DNS and SMTP servers behind documentation addresses."""
