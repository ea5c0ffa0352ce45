"""The mail server that is installed on this machine: its own settings and its queue, read only.

Its own programs are asked, never its password files; nothing is changed, and nothing is sent.
"""
