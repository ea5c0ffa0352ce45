"""What goes wrong with the local mail server. Light: the interface knows it before it looks for one."""


class LocalMtaError(Exception):
    """The local mail server cannot tell; the text says why, in lower case, without full stop."""
