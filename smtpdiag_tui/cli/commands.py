"""What the command takes beside the settings of a run: one entry each, in the order of the help. Pure."""

from dataclasses import dataclass

from smtpdiag_tui.options.option import Flag

REPORTS = ("text", "json", "jsonl", "markdown", "summary", "nagios", "prometheus")


@dataclass(frozen=True, slots=True)
class Command:
    """An option of the command, no setting of a run; `before` names the setting that it precedes in help.

    `with_saved`: it may stand beside a saved report. `several`: it may be given more than once.
    """

    dest: str
    flag: Flag
    before: str | None = None
    with_saved: bool = True
    several: bool = False


COMMANDS = (
    Command(
        "report",
        Flag(
            names=("--report",),
            metavar="FORMAT",
            help=f"print a report and exit: {', '.join(REPORTS[:-1])} or {REPORTS[-1]}",
        ),
        before="port",
    ),
    Command(
        "explain",
        Flag(
            names=("--explain",),
            metavar="TEXT",
            alone="",
            help="explain a bounce, a log line or a reply without any connection: TEXT, or a file (- for"
            " standard input)",
        ),
        before="all_addresses",
        with_saved=False,
    ),
    Command(
        "run",
        Flag(names=("--run",), help="after --explain, test the delivery that failed and compare"),
        before="all_addresses",
        with_saved=False,
    ),
    Command(
        "watch",
        Flag(
            names=("--watch",),
            metavar="SECONDS",
            alone="60",
            help="rerun what did not pass until the outcome is accepted, at least 60 s apart (default: 60 s)",
        ),
        before="all_addresses",
        with_saved=False,
    ),
    Command(
        "batch",
        Flag(
            names=("--batch",),
            metavar="FILE",
            help="test many: a sender and a recipient, or a domain, on each line of FILE (- for standard input)",
        ),
        before="all_addresses",
        with_saved=False,
    ),
    Command(
        "batch_sender",
        Flag(
            names=("--sender",),
            metavar="ADDRESS",
            help="with --batch, the sender for lines that give a domain (postmaster@DOMAIN is the recipient) or"
            " a recipient alone",
        ),
        before="all_addresses",
        with_saved=False,
    ),
    Command(
        "jobs",
        Flag(names=("--jobs",), metavar="N", help="with --batch, run this many at once (default: 8)"),
        before="all_addresses",
        with_saved=False,
    ),
    Command(
        "resume",
        Flag(
            names=("--resume",),
            metavar="OUT",
            help="with --batch, append to the file OUT and skip the pairs in it",
        ),
        before="all_addresses",
        with_saved=False,
    ),
    Command(
        "shard",
        Flag(
            names=("--shard",),
            metavar="K/N",
            help="with --batch, run part K of N, split by the recipient's mail operator",
        ),
        before="all_addresses",
        with_saved=False,
    ),
    Command(
        "queue",
        Flag(names=("--queue",), help="list the queue of the local mail server and exit"),
        before="all_addresses",
        with_saved=False,
    ),
    Command(
        "redact",
        Flag(names=("--redact",), help="mask local parts, this host's addresses and internal names in the report"),
    ),
    Command(
        "replay",
        Flag(
            names=("--replay",),
            metavar="FILE",
            help="show a report saved as JSON, without any connection",
        ),
    ),
    Command("last", Flag(names=("--last",), help="show the report of the last run")),
    Command("history", Flag(names=("--history",), help="list the saved runs and exit"), with_saved=False),
    Command(
        "compare",
        Flag(
            names=("--compare",),
            metavar="OLD",
            help="compare the saved run OLD with the saved run that follows, or with a run of both addresses:"
            " a file, the number in --history, or last",
        ),
        with_saved=False,
        several=True,
    ),
    Command(
        "theme", Flag(names=("--theme",), metavar="NAME", help="set the colours of the interface (names below)")
    ),
    Command("ascii", Flag(names=("--ascii",), help="draw with ASCII characters only")),
    Command("no_mouse", Flag(names=("--no-mouse",), help="do not use the mouse")),
    Command(
        "no_history",
        Flag(names=("--no-history",), help="do not read or write the address history"),
    ),
    Command(
        "demo",
        Flag(names=("--demo",), help="use the built-in demo network instead of the real one"),
        with_saved=False,
    ),
    Command(
        "completion",
        Flag(names=("--completion",), metavar="SHELL", help="print completions for bash, zsh or fish and exit"),
        with_saved=False,
    ),
    Command("version", Flag(names=("--version",), help="print the version and exit")),
    Command("help", Flag(names=("-h", "--help"), help="print this help and exit (also /?)")),
)

EXAMPLES = """\
examples:
  smtpdiag alice@sender.example bob@partner.example
  smtpdiag alice@sender.example bob@partner.example -d 192.0.2.53 --report text
  smtpdiag --batch domains.txt --sender alice@sender.example --resume out.jsonl
  smtpdiag --demo

exit status without the interface:
  0 accepted   1 deferred   2 usage or invalid address   3 bounced   4 unknown
  130 interrupted; with several --via: that of the worst outcome
with --batch, whatever the outcomes:
  0 every pair has a report   2 usage   130 interrupted
  4 a line is invalid, a run failed or output was lost
with --report nagios:
  0 OK   1 WARNING   2 CRITICAL
  3 UNKNOWN, also for usage errors and interrupted runs
"""
