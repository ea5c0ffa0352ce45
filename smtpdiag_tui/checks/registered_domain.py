"""Which domain a host name was registered under, as far as its form tells. Pure.

An estimate that needs no list of all public suffixes: it may take a label too many for the owner's choice.
"""

from smtpdiag_tui.settings import parse_ip

# Under a country's domain names are registered below these as well, and below most of two letters (co.uk, or.jp).
_SECOND_LEVEL = frozenset(
    [
        "com",
        "net",
        "org",
        "gov",
        "edu",
        "mil",
        "info",
        "biz",
        "web",
        "ltd",
        "plc",
        "nom",
        "gob",
        "gouv",
        "asso",
        "nhs",
        "sch",
        "firm",
        "store",
        "law",
        "adv",
        "eng",
        "ind",
        "inf",
        "idf",
        "govt",
        "school",
        "geek",
        "kiwi",
        "maori",
        "iwi",
    ]
)

# Registered domains of mail hosts that belong to the operator of another one.
_ONE_OPERATOR = {"googlemail.com": "google.com", "mx.microsoft": "outlook.com"}


def registered_domain(name: str) -> str:
    """Return the domain that somebody registered, 3 labels in example.co.uk, else 2; or the one label."""
    return ".".join(_split(name)[1])


def operator_of(host: str) -> str:
    """Return who runs a mail host, as far as its name tells: its registered domain; an address is its own.

    Domains that are known to be one operator's count as one.
    """
    if parse_ip(host.strip("[]")) is not None:
        return host.strip("[]")
    domain = registered_domain(host)
    return _ONE_OPERATOR.get(domain, domain)


def below_registered(name: str) -> str:
    """Return what stands before the registered domain, "" for that domain itself."""
    return ".".join(_split(name)[0])


def related(name: str, other: str) -> bool:
    """Whether two names belong to one organization, as far as their form tells: one holds the other counts too."""
    mine, theirs = (f".{item.lower().removesuffix('.')}" for item in (name, other))
    return mine.endswith(theirs) or theirs.endswith(mine) or registered_domain(name) == registered_domain(other)


def of_one_operator(names: tuple[str, ...]) -> bool:
    """Whether all host names lie under one registered domain; an address is under none but itself."""
    return len({name if parse_ip(name) is not None else registered_domain(name) for name in names}) <= 1


def _split(name: str) -> tuple[list[str], list[str]]:
    labels = name.lower().removesuffix(".").split(".")
    country = len(labels) > 2 and len(labels[-1]) == 2
    registered = 3 if country and (labels[-2] in _SECOND_LEVEL or len(labels[-2]) == 2) else 2
    return labels[:-registered], labels[-registered:]
