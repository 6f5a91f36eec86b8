"""The advisor as a LangChain Runnable: a message in, a `Reply` out; the thread comes with the configuration.

The library is loaded with this module, so import it only where it is wanted.
"""

from __future__ import annotations

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda

from agent.advisor import Advisor
from agent.conversation import Reply
from agent.errors import BadInput


def as_runnable(advisor: Advisor) -> Runnable[str, Reply]:
    """One turn of `advisor` a call: `invoke("…", {"configurable": {"thread_id": "…"}})`.

    Raises:
        BadInput: at a call, when no thread is named.
    """

    def turn(text: str, config: RunnableConfig) -> Reply:
        thread_id = (config.get("configurable") or {}).get("thread_id")
        if not thread_id:
            raise BadInput('Name the conversation: {"configurable": {"thread_id": "…"}}.')
        return advisor.reply(str(thread_id), text)

    return RunnableLambda(turn, name="rung")
