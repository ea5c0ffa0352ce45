"""What everyone reads: findings, transcripts, steps, events, and the report that they fold into. Pure."""
