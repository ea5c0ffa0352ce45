"""The interface, opened with what the command line says."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smtpdiag_tui.cli.arguments import Arguments
    from smtpdiag_tui.report.report import Report


def run_interface(arguments: "Arguments", saved: "Report | None") -> int:
    """Run the interface until the user leaves; return its exit status."""
    import gc

    # Next to nothing that the imports make is garbage: looking for it delays the first frame, which ends this.
    gc.disable()
    from smtpdiag_tui.cli.front_end import interface_options
    from smtpdiag_tui.cli.parser import UsageError
    from smtpdiag_tui.tui.app import run_app

    if saved is not None:
        from dataclasses import replace

        from smtpdiag_tui.masking.redact import without_masks

        saved = replace(saved, settings=without_masks(saved.settings))
        return run_app(saved.settings, interface_options(arguments, saved), demo=arguments.demo, start=False)
    for_check = arguments.check_given()
    if for_check:
        raise UsageError(for_check)
    start = (arguments.demo or arguments.complete) and arguments.explain is None
    if arguments.demo:
        arguments = arguments.with_demo_pair()
    return run_app(arguments.settings, interface_options(arguments), demo=arguments.demo, start=start)
