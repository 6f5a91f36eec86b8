"""A plain agentic RAG in LangChain: the model may search Rung's own corpus as often as it likes, then answers."""

from __future__ import annotations

from typing import Final

from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.tools import tool

from agent.rubric import Rung
from evals.baselines.common import CLOSING, Counted, rung_in, told
from evals.scenario import Scenario
from knowledge.retriever import PassageRetriever
from knowledge.search import Search

#: Steps of the agent at most (a call and a tool's result are one each), so that it ends.
STEPS: Final = 16
_TASK: Final = (
    "You advise teams on the next step with a language model: 1 a structured prompt, 2 few-shot examples, 3 retrieval, "
    "4 fine-tuning. Search the sources before you answer, and name the ids of the passages you rest on. "
)


class RagAgent:
    """As many calls a scenario as the model wants, within `STEPS`."""

    def __init__(self, llm: BaseChatModel, search: Search) -> None:
        retriever = PassageRetriever(search=search)

        @tool
        def search_sources(query: str) -> str:
            """Search the sources on prompting, few-shot examples, retrieval and fine-tuning."""
            return "\n\n".join(f"[{d.id}] {d.page_content}" for d in retriever.invoke(query))

        self._agent = create_agent(llm, tools=[search_sources], system_prompt=_TASK + CLOSING)
        self.used = Counted()

    def answer(self, scenario: Scenario) -> Rung | None:
        """The rung the agent ends with; None where it names none or does not come to an end."""
        from langgraph.errors import GraphRecursionError

        config = {**self.used.config, "recursion_limit": STEPS}
        try:
            done = self._agent.invoke({"messages": [("user", told(scenario))]}, config)  # type: ignore[call-overload]
        except GraphRecursionError:
            return None
        return rung_in(done["messages"][-1].text)
