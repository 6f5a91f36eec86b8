"""What is done for each delivery: find whose it is, take a turn of the advisor's, say the reply.

Everything here may be done twice, when a worker dies half-way, and comes out once: a turn is recorded under its delivery's
key, and what was posted before is looked for before it is posted again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from agent.advisor import Advisor
from agent.conversation import Reply, State
from agent.memo.file import content
from agent.memo.memo import asked_in, memo
from agent.sessions import Sessions
from agent.slack import views
from agent.slack.cards import Card, Place, answered, card, clip, escape, note
from agent.slack.events import Delivery, thread_id
from agent.slack.gauges import Gauges
from agent.slack.logs import log
from agent.slack.speaker import GRACE, Account, Accounts, Later, Refused, Revoked, Speaker, To
from agent.slack.store import Inbox, Threads, Waiting

HELP: Final = (
    "Say `/rung` and a few words about what you are building, and I answer under Messages. "
    "Or write to me there, mention me in a channel, or pick “Ask Rung about this” from a message's menu."
)
UNDER_MESSAGES: Final = "I have answered you under Messages."
OLD: Final = "That one is behind us: the conversation has moved on. The latest question or advice is further down in this thread."
NOT_YOURS: Final = "This interview is with somebody else. Mention me in this thread, and I go on with you."
TROUBLE: Final = "Something went wrong on my side, and I could not answer that. What you said before is kept; please say it once more."
NO_ADVICE: Final = "There is no advice here yet. Answer on, or say “just tell me”."
UNCHANGED: Final = "Nothing was changed."
THANKS: Final = "Thank you, that is noted."
#: Codes of a channel that we cannot speak in.
_OUTSIDE: Final = frozenset(
    {"not_in_channel", "channel_not_found", "is_archived", "restricted_action", "no_permission"}
)
#: Attempts before a delivery is given up.
MOST_ATTEMPTS: Final = 10


class _Unasked(Exception):
    """Said in an interview by somebody who is not the one interviewed."""


@dataclass(frozen=True)
class Front:
    """The front's parts, joined in `app.py`."""

    advisor: Advisor
    inbox: Inbox
    threads: Threads
    accounts: Accounts
    speaker: Speaker
    gauges: Gauges
    channels: frozenset[str] = frozenset()
    clock: Callable[[], float] = time.time

    @property
    def sessions(self) -> Sessions:
        return self.advisor.sessions

    # -- arriving -------------------------------------------------------------------------------------------------

    def keep(self, delivery: Delivery) -> bool:
        """Put a delivery into the inbox if it is for us; nothing else happens before Slack is told that it arrived.

        A reply in a thread that is not with us is held: the mention that asks us in may have been overtaken by it.
        """
        if (
            delivery.kind == "say"
            and not delivery.direct
            and self.channels
            and delivery.channel not in self.channels
        ):
            self.gauges.events.labels("ignored").inc()
            return False
        held = not self._for_us(delivery)
        new = self.inbox.put(delivery, held=held)
        self.gauges.events.labels(("held" if held else delivery.kind) if new else "duplicate").inc()
        return new and not held

    def _for_us(self, delivery: Delivery) -> bool:
        return (
            delivery.kind != "say"
            or delivery.direct
            or delivery.mentioned
            or self.threads.person(delivery.thread_id) is not None
            or self.inbox.expects(delivery.lane)
        )

    # -- working --------------------------------------------------------------------------------------------------

    def work(self, waiting: Waiting) -> None:
        """Do what a delivery asks for, and settle it in the inbox: done, later, or given up. Raises only what the database does."""
        delivery = waiting.delivery
        wait = GRACE - (self.clock() - waiting.begun) if waiting.begun and waiting.attempts > 1 else 0.0
        if wait > 0:  # a request of the worker that began it may still be under way
            self.inbox.later(waiting, wait, counts=False)
            return
        try:
            self._do(waiting)
        except Later as error:
            self._later(waiting, error)
        except _Unasked:
            self.gauges.events.labels("held").inc()
            self.inbox.hold(waiting)
        except Revoked as error:
            self.accounts.refused(delivery.workspace, str(error))
            self._failed(waiting, str(error))
        except Refused as error:
            self._failed(waiting, str(error))
            if str(error) in _OUTSIDE:
                self._say_outside(delivery)
            else:
                self._say_trouble(delivery)
        except Exception as error:
            log("turn failed", 40, kind=delivery.kind, lane=delivery.lane, error=type(error).__name__)
            self._later(waiting, Later(1.0, type(error).__name__, counts=True))
        else:
            self.inbox.done(waiting)
            self.gauges.latency.observe(max(0.0, self.clock() - waiting.arrived))

    def _later(self, waiting: Waiting, error: Later) -> None:
        if error.counts and waiting.attempts >= MOST_ATTEMPTS:
            self._failed(waiting, error.reason)
            self._say_trouble(waiting.delivery)
            return
        if error.reason != "paced":
            self.gauges.errors.labels("later").inc()
            log("later", lane=waiting.delivery.lane, seconds=round(error.seconds, 1), reason=error.reason)
        self.inbox.later(waiting, _patience(error, waiting.attempts), counts=error.counts)

    def _failed(self, waiting: Waiting, reason: str) -> None:
        self.gauges.errors.labels("given_up").inc()
        log("given up", 40, kind=waiting.delivery.kind, lane=waiting.delivery.lane, reason=reason)
        self.inbox.done(waiting, "failed")

    def _do(self, waiting: Waiting) -> None:
        delivery = waiting.delivery
        if delivery.kind == "gone":
            self.accounts.gone(delivery.workspace, float(delivery.ts or "inf"))
            log("uninstalled", workspace=delivery.workspace)
            return
        account = self.accounts.find(delivery.workspace)
        if account is None:
            raise Refused("not_installed")
        to = _to(account, delivery, waiting.arrived)
        again = waiting.attempts > 1
        match delivery.kind:
            case "say":
                self._say(to, delivery, again)
            case "pick":
                self._pick(to, delivery, again)
            case "amend":
                self._amend(to, delivery, again)
            case "case":
                self._case(to, waiting, again)
            case "report":
                self._report(to, delivery, again)
            case "judge":
                self._judge(to, delivery)
            case "home":
                self._home(account, delivery)
            case "greet":
                self._greet(account, delivery)
            case "forget":
                self._forget(account, waiting)

    def _say(self, to: To, delivery: Delivery, again: bool) -> None:
        """A message: in a channel only of the person being interviewed, or of one who mentions us and so takes over."""
        if delivery.direct or delivery.mentioned:
            self.threads.take(delivery)
            self.inbox.admit(delivery)
        elif self.threads.person(delivery.thread_id) != delivery.user:
            raise _Unasked
        self.speaker.busy(to)
        if not delivery.text:
            self._tell(to, delivery.key, self.advisor.open(delivery.thread_id), again)
            return
        self._turn(
            to, delivery, again, lambda: self.advisor.reply(delivery.thread_id, delivery.text, delivery.key)
        )

    def _pick(self, to: To, delivery: Delivery, again: bool) -> None:
        """A button: it answers the turn that it stands under, or nothing."""
        if not self._current(to, delivery):
            return
        self._turn(
            to, delivery, again, lambda: self.advisor.reply(delivery.thread_id, delivery.text, delivery.key)
        )
        self._mark(to, delivery)

    def _amend(self, to: To, delivery: Delivery, again: bool) -> None:
        if not self._current(to, delivery):
            return
        changes = views.changed(delivery.about, self.advisor.facts(delivery.thread_id))
        if not changes and self.sessions.delivered(delivery.key) is None:
            self.speaker.whisper(to, UNCHANGED)
            return
        self._turn(to, delivery, again, lambda: self.advisor.amend(delivery.thread_id, changes, delivery.key))

    def _turn(self, to: To, delivery: Delivery, again: bool, take: Callable[[], Reply]) -> None:
        with self.gauges.turns.time():
            reply = take()
        self._tell(to, delivery.key, reply, again)
        log("turn", lane=delivery.lane, kind=delivery.kind, parts=len(reply.parts))

    def _tell(self, to: To, key: str, reply: Reply, again: bool) -> None:
        turn = self.sessions.delivered(key)
        self.speaker.tell(
            to, card(reply, Place(to.thread_ts, turn.number if turn else self._last(to))), key, again=again
        )

    def _current(self, to: To, delivery: Delivery) -> bool:
        """May this click count? If not, a gentle note, and nothing changes."""
        if self.sessions.delivered(delivery.key) is not None:
            return True  # it counted before; the reply may not have got through
        person = self.threads.person(delivery.thread_id)
        if person is not None and person != delivery.user:
            self.speaker.whisper(to, NOT_YOURS)
            return False
        if person is None or delivery.turn != self._last(to):
            self.gauges.events.labels("stale").inc()
            self.speaker.whisper(to, OLD)
            return False
        return True

    def _last(self, to: To) -> int:
        """The number of the last turn; 0 before the first."""
        last = self.sessions.last(thread_id(to.account.workspace, to.channel, to.thread_ts))
        return 0 if last is None else last.number

    def _mark(self, to: To, delivery: Delivery) -> None:
        """Take the buttons off the question that was answered. Buttons under an advice stay."""
        turn = self.sessions.turn(delivery.thread_id, delivery.turn or 0)
        if turn is None or not delivery.about.get("message_ts"):
            return
        asked = Reply.model_validate_json(turn.reply)
        if asked.recommendation is None:
            old = card(asked, Place(to.thread_ts, turn.number))
            self.speaker.replace(
                to, delivery.about["message_ts"], old.text, answered(old.blocks, delivery.text)
            )

    def _case(self, to: To, waiting: Waiting, again: bool) -> None:
        """A case from the command or the shortcut: a thread of its own in the direct messages."""
        delivery = waiting.delivery
        channel = str(
            self.speaker.call(to.account, "conversations_open", users=delivery.user)["channel"]["id"]
        )
        to = replace(to, channel=channel)
        root = waiting.root
        if not root:
            root = self.speaker.tell(to, _opening(delivery), f"{delivery.key}:root", again=again)
            self.inbox.rooted(waiting, root)
        to = replace(to, thread_ts=root, since=root)
        place = delivery.model_copy(update={"channel": channel, "thread_ts": root})
        self.threads.take(place)
        if not delivery.text:
            self._tell(to, delivery.key, self.advisor.open(place.thread_id), again)
            return
        self._turn(to, place, again, lambda: self.advisor.reply(place.thread_id, delivery.text, delivery.key))

    def _report(self, to: To, delivery: Delivery, again: bool) -> None:
        advice = self.advisor.recommendation(delivery.thread_id)
        if advice is None:
            self.speaker.whisper(to, NO_ADVICE)
            return
        turns = self.advisor.turns(delivery.thread_id)
        form = "html" if delivery.about.get("form") == "html" else "md"
        made = content(memo(asked_in(turns), advice, turns[-1].at.date()), form)
        title = f"Rung's advice, turn {turns[-1].number}"
        self.speaker.upload(to, f"rung-advice.{form}", title, made, again=again)

    def _judge(self, to: To, delivery: Delivery) -> None:
        self.threads.judge(delivery, delivery.turn or 0)
        self.speaker.whisper(to, THANKS)

    def _home(self, account: Account, delivery: Delivery) -> None:
        kept = [
            s
            for place in self.threads.of(delivery.workspace, delivery.user)[: views.MOST_LISTED]
            if (s := self._kept(place))
        ]
        self.speaker.call(
            account, "views_publish", user_id=delivery.user, view=views.home_view(kept, account.bot_user)
        )

    def _kept(self, place: Delivery) -> views.Kept | None:
        first, last = self.sessions.turn(place.thread_id, 1), self.sessions.last(place.thread_id)
        if first is None or last is None:
            return None
        return views.Kept(thread_id=place.thread_id, opening=first.said, last=last.at, turns=last.number)

    def _greet(self, account: Account, delivery: Delivery) -> None:
        """Something to begin with, where a conversation with us is opened."""
        more = {"thread_ts": delivery.thread_ts} if delivery.thread_ts else {}
        self.speaker.attempt(
            account,
            "assistant_threads_setSuggestedPrompts",
            channel_id=delivery.channel,
            prompts=list(views.prompts()),
            **more,
        )

    def _forget(self, account: Account, waiting: Waiting) -> None:
        """Delete all that is kept of a person, also what they said in interviews that somebody else went on with."""
        delivery = waiting.delivery
        for thread in self.threads.spoken(delivery.workspace, delivery.user):
            self.sessions.delete(thread)
        self.threads.forget(delivery.workspace, delivery.user, waiting.id)
        log("forgotten", workspace=delivery.workspace)
        self._home(account, delivery)

    # -- at once --------------------------------------------------------------------------------------------------

    def at_once(self, delivery: Delivery) -> None:
        """Open a window while its trigger lives. Raises nothing; the button can be pressed again."""
        try:
            account = self.accounts.find(delivery.workspace)
            view = None if account is None else self._window(account, delivery)
            if account is not None and view is not None:
                self.speaker.call(
                    account, "views_open", trigger_id=delivery.about.get("trigger", ""), view=view
                )
        except (Later, Refused) as error:
            self.gauges.errors.labels("window").inc()
            log("window not opened", kind=delivery.kind, reason=str(error))
        except Exception as error:
            self.gauges.errors.labels("window").inc()
            log("window failed", 40, kind=delivery.kind, error=type(error).__name__)

    def _window(self, account: Account, delivery: Delivery) -> dict[str, Any] | None:
        to = _to(account, delivery, self.clock())
        if delivery.kind == "open":
            return self._session_window(account, delivery)
        where = {"channel": delivery.channel, "thread": delivery.thread_ts, "turn": delivery.turn}
        if delivery.kind == "reason":
            self.keep(delivery.model_copy(update={"kind": "judge", "key": f"{delivery.key}:judge"}))
            return views.reason_view(where)
        if self.threads.person(delivery.thread_id) != delivery.user:
            self.speaker.whisper(to, NOT_YOURS)
            return None
        facts = self.advisor.facts(delivery.thread_id)
        return views.amend_view(facts, {**where, "turn": self._last(to)})

    def _session_window(self, account: Account, delivery: Delivery) -> dict[str, Any] | None:
        """One's own session only, whatever the button says."""
        mine = {p.thread_id: p for p in self.threads.of(delivery.workspace, delivery.user)}
        place = mine.get(delivery.about.get("session", ""))
        last = self.sessions.last(place.thread_id) if place else None
        first = self.sessions.turn(place.thread_id, 1) if place else None
        if place is None or last is None or first is None:
            return None
        found = (
            self.speaker.attempt(
                account, "chat_getPermalink", channel=place.channel, message_ts=place.thread_ts
            )
            if place.thread_ts
            else None
        )
        return views.session_view(
            State.model_validate_json(last.state), first.said, str((found or {}).get("permalink", ""))
        )

    # -- when it cannot be said where it was asked -----------------------------------------------------------------

    def _say_outside(self, delivery: Delivery) -> None:
        """We may not speak in that channel: say so to the person, in a direct message."""
        text = f"I am not in <#{delivery.channel}>, so I cannot answer there. Invite me with `/invite`, or write to me here."
        self._aside(delivery, Card(text=text, blocks=(_line(text),)))

    def _say_trouble(self, delivery: Delivery) -> None:
        account = self.accounts.find(delivery.workspace)
        if account is not None and delivery.channel:
            try:
                self.speaker.tell(
                    _to(account, delivery, self.clock()), note(TROUBLE), f"{delivery.key}:trouble"
                )
            except (Later, Refused):
                log("trouble not told", 30, lane=delivery.lane)

    def _aside(self, delivery: Delivery, said: Card) -> None:
        account = self.accounts.find(delivery.workspace)
        try:
            if account is not None and delivery.user:
                opened = self.speaker.call(account, "conversations_open", users=delivery.user)
                to = replace(
                    _to(account, delivery, self.clock()), channel=str(opened["channel"]["id"]), thread_ts=""
                )
                self.speaker.tell(to, said, f"{delivery.key}:aside")
        except (Later, Refused) as error:
            log("aside not told", 30, reason=str(error))


def _patience(error: Later, attempts: int) -> float:
    """Seconds to wait: as Slack says, and longer each time when it says nothing; about ten minutes in all."""
    return max(error.seconds, min(1.5 * 2.0 ** (attempts - 1), 300.0)) if error.counts else error.seconds


def _to(account: Account, delivery: Delivery, arrived: float) -> To:
    since = delivery.ts or f"{arrived - 30:.6f}"
    return To(account, delivery.channel, delivery.thread_ts, delivery.user, delivery.team, since)


def _opening(delivery: Delivery) -> Card:
    """The message that opens a case's thread: what it is about, in the person's words."""
    said = clip(escape(" ".join(delivery.text.split())), 1500)
    text = f"Your case: {said}" if said else "A new case"
    return Card(text=text, blocks=(_line(f"*Your case*\n{said}" if said else "*A new case*"),))


def _line(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
