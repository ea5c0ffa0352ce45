"""The queries that questions become, as they go on the wire (RFC 1035 §4.1, RFC 6891)."""

import copy
from functools import lru_cache

import dns.entropy
import dns.flags
import dns.message
import dns.name

from smtpdiag_tui.checks.lookups.answers import Question

EDNS_PAYLOAD = 1232
MAX_KEPT = 256  # questions


def query_of(question: Question, *, edns: bool) -> dns.message.QueryMessage:
    """Return a query with an ID of its own; nothing else of it may be changed, others share its parts.

    Raises DNSException for a name that no question can carry.
    """
    query = copy.copy(_template(question, edns=edns))
    query.id = dns.entropy.random_16()
    return query


@lru_cache(maxsize=MAX_KEPT)
def _template(question: Question, *, edns: bool) -> dns.message.QueryMessage:
    """Return the query that a question becomes, whoever is asked, over either transport."""
    name = dns.name.from_text(question.name)
    query = dns.message.make_query(name, question.rdtype, use_edns=False)
    if edns:
        query.use_edns(0, payload=EDNS_PAYLOAD)
        query.flags |= dns.flags.AD  # whoever validates says then that it did (RFC 6840 §5.7)
    if not question.recurse:
        query.flags = dns.flags.Flag(0)
    if not question.checking:
        query.flags |= dns.flags.CD
    return query
