"""Asking for an answer of a given shape, and reading it: strict JSON schema, tool calling, or plain JSON mode."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import Runnable

S = TypeVar("S", bound=BaseModel)
Way = Literal["json_schema", "tools", "json", "own"]

_FENCE: Final = re.compile(r"^\s*```(?:json)?\s*(.*?)\s*```\s*$", re.DOTALL)


class Unreadable(ValueError):
    """The answer is not of the shape that was asked for."""


class NoStream(Unreadable):
    """A stream without a single event: a server that does not stream, or no answer. Asked whole, it may give one."""


class NoAnswer(Exception):
    """A message that holds no answer: `kind` is the fault's."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def asking(llm: BaseChatModel, schema: type[BaseModel], way: Way) -> Runnable[Any, Any]:
    """The chat model, told to answer in this shape. `own` leaves it to the provider's own LangChain package."""
    from langchain_core.runnables import RunnableSequence
    from langchain_core.utils.function_calling import convert_to_openai_function

    if way == "json":
        return llm.bind(response_format={"type": "json_object"})
    if way == "own":
        # the package's own binding without its parser: ours streams, and says what is wrong with an answer
        made = llm.with_structured_output(schema)
        return made.first if isinstance(made, RunnableSequence) else made
    if way == "tools":
        return llm.bind_tools([schema], tool_choice=schema.__name__, strict=True)
    shape = convert_to_openai_function(schema, strict=True)
    form = {"name": shape["name"], "schema": shape["parameters"], "strict": True}
    return llm.bind(response_format={"type": "json_schema", "json_schema": form})


def in_words(schema: type[BaseModel]) -> str:
    """The shape for a model that is told of it in the prompt alone."""
    from langchain_core.utils.function_calling import convert_to_openai_function

    shape = convert_to_openai_function(schema)["parameters"]
    return f"Answer with one JSON object and nothing else. It follows this JSON Schema:\n{json.dumps(shape)}"


def read(message: AIMessage, schema: type[S]) -> S:
    """The answer as the schema's type.

    Raises:
        Unreadable: it is no JSON, or not of that shape.
    """
    raw: Any = message.tool_calls[0]["args"] if message.tool_calls else _json(message.text)
    try:
        return schema.model_validate(raw)
    except ValidationError as error:
        raise Unreadable(str(error)) from error


def _json(text: str) -> Any:
    fenced = _FENCE.match(text)
    try:
        return json.loads(fenced[1] if fenced else text)
    except ValueError as error:
        raise Unreadable(str(error)) from error


def partial(text: str) -> dict[str, Any]:
    """What can be read of a JSON object that is still coming in."""
    from langchain_core.utils.json import parse_partial_json

    try:
        found = parse_partial_json(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
