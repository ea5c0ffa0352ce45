"""How a wait is told while it goes on. Pure."""

WAIT_SHOWN = 2.0  # seconds after which a wait is told against its limit


def wait_words(waited: float, limit: float | None) -> str:
    """Return `5 s of 30 s`, or `5 s` alone without a limit or beyond it. Both are seconds.

    A step with several waits may last longer than the limit of each.
    """
    shown = f"{max(0.0, waited):.0f} s"
    return shown if limit is None or waited > limit else f"{shown} of {limit:g} s"
