"""How a command ends: in a sentence, with an exit code."""

from __future__ import annotations

import os
import sys

import click

from reecho.context import Places
from reecho.errors import ReechoError


def run(command: click.Group, arguments: list[str] | None) -> int:
    """Run a command with the machine's folders, which the environment names, and say how it ended.

    Args:
        command: with all commands below it.
        arguments: of the command line; None: those of this process.

    Returns:
        The exit code; whatever is the user's to mend ends in one sentence and 1, Ctrl-C in 130.
    """
    try:
        outcome = command.main(args=arguments, prog_name="reecho", standalone_mode=False, obj=Places.of(os.environ))
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nInterrupted; what was finished is kept, and the same command goes on from there.", err=True)
        return 130
    except ReechoError as error:
        click.echo(f"reecho: {error}", err=True)
        return 1
    except MemoryError:
        click.echo("reecho: The memory is full. Close other programs, or take fewer pictures (-p pictures=2000).", err=True)
        return 1
    except BrokenPipeError:  # the reader of the output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        click.echo(
            f"reecho: {error.filename or 'A file'} cannot be used ({error.strerror or error}). Change its permissions, or "
            "name other folders by REECHO_BUILD and REECHO_DATA.",
            err=True,
        )
        return 1
    return outcome if isinstance(outcome, int) else 0  # click returns the code of an Exit, of --help and of verify
