"""`rung slack`: Rung in Slack."""

from __future__ import annotations

import sys

import click

from agent.errors import NeedsSomething
from agent.settings import Settings, environment


@click.command()
@click.option(
    "--check", is_flag=True, help="Look at the settings, ask Slack whether it takes them, and leave."
)
@click.option("--new-key", is_flag=True, help="Print a key for RUNG_SLACK_KEYS, and leave.")
@click.option("--renew-keys", is_flag=True, help="Seal every kept token with the first key, and leave.")
@click.option("--feedback", is_flag=True, help="Print what people said of the advice, and leave.")
def slack(check: bool, new_key: bool, renew_keys: bool, feedback: bool) -> None:
    """Answer in Slack, by Socket Mode or HTTP. docs/slack.md takes an admin there in ten minutes."""
    try:
        from agent.slack import app, house, logs, store, vault
        from agent.slack.setup import SlackSettings
    except ModuleNotFoundError as error:
        raise NeedsSomething(
            f"Slack needs the package {error.name}, which is not installed: pip install 'rung[slack]'"
        ) from error
    if new_key:
        click.echo(vault.new_key())
        return
    settings = Settings.read()
    if feedback:
        _print_feedback(settings)
        return
    told = SlackSettings.read(environment())
    from agent.bootstrap import build

    advisor, shelf = build(settings)
    if renew_keys:
        count = store.Installations(advisor.sessions.engine, vault.Vault(told.keys)).renew()
        click.echo(f"Sealed anew: {count}")
        return
    logs.to()
    held = house.only_worker(settings)
    servers = house.build(advisor, told)
    if check:
        click.echo("Slack takes the settings.")
        return
    shelf.warm()
    try:
        finished = app.serve(servers)
    finally:
        advisor.sessions.close()
        if held is not None:
            held.close()
    sys.exit(0 if finished else 1)


def _print_feedback(settings: Settings) -> None:
    from agent.commands.desk import opened_sessions
    from agent.slack.store import Inbox, Threads

    with opened_sessions(settings) as kept:
        Inbox(kept.engine)
        for row in Threads(kept.engine).judgements():
            click.echo(
                f"{row.thread_id}  turn {row.turn}  {'helpful' if row.good else 'not helpful'}  {row.reason}".rstrip()
            )
