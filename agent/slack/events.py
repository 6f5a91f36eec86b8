"""What Slack sends, as a `Delivery` for us, or nothing when it is not ours. Pure: no network, no clock, no database.

Every delivery has a key, the same whenever Slack delivers the same thing again: an event's id, or for a message its
workspace, channel and time, since a mention arrives twice, as `app_mention` and as `message`, under two ids.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal[
    "say",
    "pick",
    "amend",
    "report",
    "judge",
    "reason",
    "case",
    "home",
    "greet",
    "forget",
    "gone",
    "edit",
    "open",
]
Body = Mapping[str, Any]

#: Kinds that need a window opened while its trigger lives (three seconds), so they are done at once and not kept.
AT_ONCE: Final = frozenset({"edit", "open", "reason"})
#: Subtypes of messages that a person wrote. All others are edits, joins, bots and the like.
_WRITTEN: Final = frozenset({None, "file_share", "thread_broadcast"})
#: Slack's own helper, which repeats people's words in reminders.
_SLACKBOT: Final = "USLACKBOT"
_TOKEN: Final = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
#: Slack's own client takes a message that begins with a slash for itself, so these are said without.
_COMMAND: Final = re.compile(r"^(?:what-if(?:\s+\w+\s*=|\s*$)|reach\s+\d)", re.IGNORECASE)


class Delivery(BaseModel):
    """One thing to work on. `thread_ts` is empty where the conversation is not in a thread.

    `turn` is the number of the turn that a button stood under. `ts` is when it was said, in Slack's seconds.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    kind: Kind
    workspace: str
    team: str = ""
    channel: str = ""
    thread_ts: str = ""
    ts: str = ""
    user: str = ""
    text: str = ""
    direct: bool = False
    mentioned: bool = False
    turn: int | None = None
    about: dict[str, str] = {}

    @property
    def thread_id(self) -> str:
        """The session that this belongs to: a channel's thread, within one workspace."""
        return thread_id(self.workspace, self.channel, self.thread_ts)

    @property
    def lane(self) -> str:
        """What is worked on one at a time and in order: the thread, or the person where there is none."""
        return self.thread_id if self.channel else f"slack:{self.workspace}:{self.user or 'all'}"


def thread_id(workspace: str, channel: str, thread_ts: str) -> str:
    return f"slack:{workspace}:{channel}:{thread_ts}"


def workspace(body: Body) -> str:
    """Whose installation it is: the workspace, or the whole organisation where the app is installed on that."""
    installed = _installed(body)
    enterprise = installed.get("enterprise_id") or body.get("enterprise_id") or _id(body.get("enterprise"))
    on_all = (
        installed.get("is_enterprise_install") or str(body.get("is_enterprise_install")).lower() == "true"
    )
    return str((on_all and enterprise) or _team(body) or enterprise or "")


def read(body: Body, bot_user: str = "", *, one_talk: bool = False) -> Delivery | None:
    """The delivery in a request of Slack's; None when it is nothing that Rung answers.

    `one_talk`: what is written in a direct message outside threads is one conversation, not one each.
    """
    match body.get("type"):
        case "event_callback":
            return _event(body, body.get("event") or {}, bot_user, one_talk)
        case "block_actions":
            return _action(body)
        case "view_submission":
            return _submission(body)
        case "message_action":
            return _shortcut(body)
        case None if body.get("command"):
            return _command(body)
    return None


def said(text: str, bot_user: str = "") -> str:
    """What a person wrote, as plain text: Slack's tokens told in words, our own name taken away."""
    if bot_user:
        text = _naming(bot_user).sub(" ", text)
    text = html.unescape(_TOKEN.sub(_told, text)).strip()
    return f"/{text}" if _COMMAND.match(text) else text


# -- what people say ------------------------------------------------------------------------------------------------


def _event(body: Body, event: Body, bot_user: str, one_talk: bool) -> Delivery | None:
    match event.get("type"):
        case "message" | "app_mention":
            return _message(body, event, bot_user or _bot(body), one_talk)
        case "app_home_opened":
            return _opened(body, event)
        case "assistant_thread_started":
            thread = event.get("assistant_thread") or {}
            return _made(body, "greet", key=_event_key(body), user=thread.get("user_id", ""), direct=True,
                         channel=thread.get("channel_id", ""), thread_ts=thread.get("thread_ts", ""))  # fmt: skip
        case "app_uninstalled":
            return _made(body, "gone", key=_event_key(body), ts=str(body.get("event_time") or ""))
        case "tokens_revoked" if (event.get("tokens") or {}).get("bot"):
            return _made(body, "gone", key=_event_key(body), ts=str(body.get("event_time") or ""))
    return None


def _message(body: Body, event: Body, bot_user: str, one_talk: bool) -> Delivery | None:
    user, channel, ts = event.get("user") or "", event.get("channel", ""), event.get("ts", "")
    if event.get("bot_id") or event.get("subtype") not in _WRITTEN or user in ("", bot_user, _SLACKBOT):
        return None
    if not channel or not ts or event.get("hidden"):
        return None
    text = str(event.get("text") or "")
    direct = event.get("channel_type") == "im" or channel.startswith("D")
    mentioned = event.get("type") == "app_mention" or bool(bot_user and _naming(bot_user).search(text))
    thread_ts = event.get("thread_ts") or ("" if direct and one_talk else ts)
    if not direct and not mentioned and not event.get("thread_ts"):
        return None  # talk in a channel that is not with us
    return _made(
        body, "say", key=f"msg:{workspace(body)}:{channel}:{ts}", channel=channel, thread_ts=thread_ts, ts=ts,
        user=user, text=said(text, bot_user), team=_team(body) or str(event.get("team") or ""), direct=direct, mentioned=mentioned,
    )  # fmt: skip


def _naming(user: str) -> re.Pattern[str]:
    """A person's or a bot's name as Slack writes it in a text, with a label or without."""
    return re.compile(rf"<@{re.escape(user)}(?:\|[^<>]*)?>")


def _opened(body: Body, event: Body) -> Delivery | None:
    """The Home tab is drawn; in the Messages tab (the agent view) something to begin with is offered."""
    user = event.get("user", "")
    if event.get("tab") == "messages":
        return _made(
            body, "greet", key=_event_key(body), user=user, channel=event.get("channel", ""), direct=True
        )
    return _made(body, "home", key=_event_key(body), user=user)


def _told(token: re.Match[str]) -> str:
    mark, target, label = token[1], token[2], token[3]
    match mark:
        case "@":
            return f"@{label or 'somebody'}"
        case "#":
            return f"#{label or 'a-channel'}"
        case "!":
            return label or f"@{target.split('^')[0]}"
    return f"{label} ({target})" if label and label not in target else target.removeprefix("mailto:")


# -- what people press ----------------------------------------------------------------------------------------------


def _action(body: Body) -> Delivery | None:
    action: Body = next(iter(body.get("actions") or ()), {})
    name = str(action.get("action_id", "")).removeprefix("rung.").split(".")[0]
    value = _json(action.get("value"))
    home = (body.get("view") or {}).get("type") == "home"
    where = {"trigger": body.get("trigger_id", ""), "message_ts": _message_ts(body)}
    key = (
        f"act:{workspace(body)}:{_channel(body)}:{_message_ts(body)}:{_user(body)}:{action.get('action_ts')}"
    )
    told = dict(key=key, channel="" if home else _channel(body), thread_ts=str(value.get("thread", "")),
                ts=str(action.get("action_ts", "")), turn=value.get("turn"))  # fmt: skip
    match name:
        case "say":
            return _made(body, "pick", text=str(value.get("say", "")), about=where, **told)
        case "several":
            picked = _checked(body)
            return _made(body, "pick", text=", ".join(picked), about=where, **told) if picked else None
        case "judge":
            judged = "good" if value.get("good") else "bad"
            return _made(
                body, "judge" if value.get("good") else "reason", about={**where, "judged": judged}, **told
            )
        case "report":
            return _made(body, "report", about={**where, "form": str(value.get("form", "md"))}, **told)
        case "edit":
            return _made(body, "edit", about=where, **told)
        case "open":
            return _made(body, "open", about={**where, "session": str(value.get("session", ""))}, **told)
        case "forget":
            return _made(body, "forget", **told)
    return None


def _submission(body: Body) -> Delivery | None:
    """A window sent off: changed answers, or the reason of a judgement."""
    view: Body = body.get("view") or {}
    where = _json(view.get("private_metadata"))
    values = (view.get("state") or {}).get("values") or {}
    told: dict[str, Any] = dict(
        key=f"view:{workspace(body)}:{view.get('id')}:{_user(body)}", channel=where.get("channel", ""),
        thread_ts=where.get("thread", ""), turn=where.get("turn"),
    )  # fmt: skip
    if view.get("callback_id") == "rung.amend":
        chosen = {slot: _chosen(element) for slot, element in values.items()}
        return _made(body, "amend", about={slot: value for slot, value in chosen.items() if value}, **told)
    if view.get("callback_id") == "rung.reason":
        reason = str(((values.get("reason") or {}).get("text") or {}).get("value") or "")
        return _made(body, "judge", text=reason, about={"judged": "bad"}, **told)
    return None


def _chosen(element: Body) -> str:
    """The choice of one select, or several joined by commas."""
    found: Body = next(iter(element.values()), {})
    one = (found.get("selected_option") or {}).get("value", "")
    return one or ",".join(o["value"] for o in found.get("selected_options") or ())


def _checked(body: Body) -> list[str]:
    blocks = (body.get("state") or {}).get("values") or {}
    for elements in blocks.values():
        found = elements.get("rung.choices")
        if found is not None:
            return [o["value"] for o in found.get("selected_options") or ()]
    return []


def _shortcut(body: Body) -> Delivery | None:
    message: Body = body.get("message") or {}
    text = said(str(message.get("text") or ""))
    return _made(body, "case", key=f"cut:{workspace(body)}:{body.get('trigger_id')}", text=text,
                 ts=str(body.get("action_ts", "")), about={"from": "shortcut"})  # fmt: skip


def _command(body: Body) -> Delivery:
    return _made(body, "case", key=f"cmd:{workspace(body)}:{body.get('trigger_id')}", text=said(str(body.get("text") or "")),
                 about={"from": "command"})  # fmt: skip


# -- where Slack keeps things ---------------------------------------------------------------------------------------


def _made(body: Body, kind: Kind, **told: Any) -> Delivery:
    return Delivery(
        **{"kind": kind, "workspace": workspace(body), "team": _team(body), "user": _user(body), **told}
    )


def _team(body: Body) -> str:
    installed = _installed(body)
    user: Any = body.get("user")
    of_user = user.get("team_id") if isinstance(user, Mapping) else None
    return str(installed.get("team_id") or body.get("team_id") or _id(body.get("team")) or of_user or "")


def _installed(body: Body) -> Body:
    """Whose installation Slack says an event is for."""
    found: Body = next(iter(body.get("authorizations") or ()), {})
    return found


def _user(body: Body) -> str:
    user: Any = body.get("user")
    return str(_id(user) if isinstance(user, Mapping) else user or body.get("user_id") or "")


def _bot(body: Body) -> str:
    installed = _installed(body)
    return str(installed.get("user_id") or "") if installed.get("is_bot") else ""


def _channel(body: Body) -> str:
    return str(_id(body.get("channel")) or (body.get("container") or {}).get("channel_id") or "")


def _message_ts(body: Body) -> str:
    return str((body.get("container") or {}).get("message_ts") or (body.get("message") or {}).get("ts") or "")


def _event_key(body: Body) -> str:
    return f"ev:{workspace(body)}:{body.get('event_id')}"


def _id(thing: Any) -> str:
    return str(thing.get("id") or "") if isinstance(thing, Mapping) else ""


def _json(text: Any) -> dict[str, Any]:
    """What a button or a window of ours carries; nothing where it is none of ours."""
    try:
        found = json.loads(text) if isinstance(text, str) else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
