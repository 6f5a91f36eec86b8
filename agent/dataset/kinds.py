"""Every kind of problem the check can name: its code, how bad it is, what to do, and what the rule rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Kind:
    """One kind of problem. An error keeps the file from being ready; a warning is for a person to judge."""

    code: str
    level: Level
    title: str
    """What is wrong, as a heading over the lines."""
    remedy: str
    cites: tuple[str, ...] = ()
    """Passages of the sources that the rule rests on; none where it follows from the format itself."""


@dataclass(frozen=True)
class Finding:
    """One problem in one place. `line` counts from 1; 0 stands for the file as a whole."""

    code: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line:,}: {self.text}" if self.line else self.text


_SFT = "openai-model-optimization#supervised-fine-tuning"
_DATA = "openai-model-optimization#data-quality"
_DPO = "openai-model-optimization#dpo"
_VISION = "openai-model-optimization#vision-fine-tuning"
_CHAT = "provider-finetuning-availability#fireworks"
_HELD_OUT = "azure-foundry-fine-tuning#when-it-helps"

_ROWS: tuple[Kind, ...] = (
    # the file
    Kind("empty-file", "error", "The file holds no example", "Write one JSON object a line into it."),
    Kind("binary-file", "error", "Not a text file", "Unpack or export it as JSON Lines, UTF-8."),
    Kind("utf16-file", "error", "Written in UTF-16", "Save it as UTF-8 without a byte order mark."),
    Kind("json-array", "error", "One JSON array, not one object a line", "Write each element on a line of its own, without the brackets and commas around it: jq -c '.[]' FILE."),
    Kind("pretty-json", "error", "Examples spread over several lines", "Put each example on one line: jq -c . FILE."),
    Kind("csv-file", "error", "A table, not JSON Lines", "Turn each row into a line with a \"messages\" list."),
    Kind("gzip-file", "warning", "Compressed with gzip", "It was read all the same; unpack it before you upload it."),
    Kind("byte-order-mark", "error", "A byte order mark before the first line", "Remove the first three bytes (save as UTF-8 without BOM); many JSON readers refuse line 1 because of them."),
    Kind("too-few", "error", "Fewer examples than a service accepts", "Collect more; 10 is the least, and gains are usually seen from 50 to 100.", (_SFT,)),
    Kind("few", "warning", "Few examples", "Gains are usually seen from 50 to 100; if 50 change nothing, look at the task and the prompt before adding more.", (_SFT,)),
    # a line
    Kind("not-utf8", "error", "Not UTF-8", "Save the file as UTF-8."),
    Kind("blank-line", "warning", "Blank lines", "Remove them; some services refuse the file."),
    Kind("not-json", "error", "Not JSON", "Write each line with a JSON library, not by hand."),
    Kind("cut-off", "error", "The last line is cut off", "Write or download the file again; the end is missing."),
    Kind("long-line", "error", "A line too long to be an example", "Look at the line; a line break is probably missing."),
    Kind("not-object", "error", "A line that is not an object", "Each line must be {\"messages\": [...]}."),
    # another format
    Kind("prompt-completion", "error", "Prompt and completion, the older format", "Turn the prompt into a user message and the completion into an assistant message."),
    Kind("preference-format", "error", "Preference pairs (DPO), another format", "Use the file for preference tuning, or make examples of the preferred answers for supervised tuning.", (_DPO,)),
    Kind("other-format", "error", "Another format", "Turn each record into a \"messages\" list with roles system, user and assistant.", (_CHAT,)),
    # the messages
    Kind("no-messages", "error", "No messages", "Give each line a \"messages\" list."),
    Kind("messages-not-list", "error", "Messages that are not a list", "\"messages\" must be a list of objects with role and content."),
    Kind("messages-empty", "error", "An empty list of messages", "Remove the line or fill it."),
    Kind("message-not-object", "error", "A message that is not an object", "Each message must be {\"role\": ..., \"content\": ...}."),
    Kind("no-role", "error", "A message without a role", "Say who speaks: system, user, assistant or tool."),
    Kind("unknown-role", "error", "An unknown role", "Use system (or developer), user, assistant or tool."),
    Kind("no-content", "error", "A message without content", "Give it content; only an assistant's tool call may go without."),
    Kind("content-not-text", "error", "Content that is not text", "Content must be text, or a list of parts with a type each."),
    Kind("empty-content", "error", "Empty content", "Fill it or remove the example."),
    Kind("blank-content", "error", "Content of white space only", "Fill it or remove the example."),
    Kind("no-assistant", "error", "No message from the assistant", "Add what the assistant should say; without it there is nothing to learn."),
    Kind("no-user", "warning", "No message from the user", "Make the example look like what the model will get in use.", ("openai-model-optimization#entry-test",)),
    Kind("ends-without-answer", "error", "The last message is not the assistant's", "The example must end with what the assistant should say."),
    Kind("same-role-twice", "warning", "The same role twice in a row", "Join the two messages, or restore the turn between them."),
    Kind("system-not-first", "warning", "A system message that is not first", "Put the instructions first."),
    Kind("bad-weight", "error", "A weight that is not 0 or 1", "Only assistant messages take a weight: 1 to learn from, 0 to pass over."),
    Kind("all-weights-zero", "error", "Every weight is 0", "Give at least one assistant message the weight 1; otherwise nothing is learned from the example."),
    Kind("bad-tool-call", "error", "A tool call that is not well formed", "Each call needs an id, the type \"function\" and a function with name and arguments."),
    Kind("tool-call-unanswered", "error", "A tool call without its answer", "After the call, add a tool message with the same tool_call_id."),
    Kind("tool-answer-without-call", "error", "A tool's answer without a call", "Give it the tool_call_id of a call that stands before it."),
    Kind("arguments-not-json", "error", "Function arguments that are not JSON", "Arguments are a string that holds a JSON object."),
    Kind("tool-not-declared", "warning", "A tool that the example does not declare", "List every tool that is called under \"tools\", as in use."),
    Kind("bad-tools", "error", "Tools that are not well formed", "\"tools\" is a list of {\"type\": \"function\", \"function\": {\"name\": ...}}."),
    Kind("bad-name", "error", "An invalid name", "A name has 1 to 64 letters, digits, _ or -."),
    Kind("image-in-answer", "error", "An image in the assistant's answer", "Only the input may hold images.", (_VISION,)),
    Kind("too-many-images", "error", "More than 10 images in an example", "Leave out the least telling ones.", (_VISION,)),
    Kind("unknown-key", "warning", "Unknown keys", "Remove them; some services refuse the file."),
    # the texts
    Kind("control-characters", "warning", "Control characters in the text", "Remove them; they come from a faulty export and would be learned."),
    Kind("damaged-text", "warning", "Replacement characters (U+FFFD) in the text", "Go back to the original; letters were lost in an earlier conversion."),
    Kind("too-long", "error", "Longer than the limit", "Shorten the example; what is over the limit is cut off or refused.", (_DATA,)),
    Kind("secret", "error", "Secrets", "Take the secret out, and make it invalid where it was issued: a tuned model can repeat what it was trained on."),
    Kind("personal-data", "warning", "Personal data", "Replace it by made-up values, unless you may use it and the model may repeat it."),
    # examples compared
    Kind("duplicate", "warning", "Exact duplicates", "Keep one of each; copies weigh more than the rest."),
    Kind("contradiction", "warning", "The same input with another answer", "Decide which answer is right; where people disagree, the model cannot do better than they do.", (_DATA,)),
    Kind("near-duplicate", "warning", "Near-duplicates", "Keep the better one, or make sure that both are wanted; fewer, better examples do more.", (_DATA,)),
    Kind("leak", "error", "In the test file as well", "Take it out of one of the two; a test on trained examples tells nothing.", (_HELD_OUT,)),
    Kind("near-leak", "warning", "Nearly the same as in the test file", "Take it out of one of the two, unless they differ in what is tested.", (_HELD_OUT,)),
    Kind("test-unreadable", "warning", "Lines of the test file that could not be compared", "Mend the test file and check again; what was not read was not compared."),
    Kind("imbalance", "warning", "One answer outweighs the rest", "Bring the shares near to those you want to see in use.", (_DATA,)),
    Kind("refusals", "warning", "Many answers refuse", "Check that this is the share you want; a model trained on too many refusals refuses too much.", (_DATA,)),
    Kind("rare-label", "warning", "Labels with few examples", "Collect more of them, or join labels."),
    Kind("label-variants", "warning", "Labels that differ only in case or spaces", "Write each label in one way."),
)  # fmt: skip

KINDS: dict[str, Kind] = {kind.code: kind for kind in _ROWS}
"""In the order in which a report shows them."""

ERRORS = frozenset(kind.code for kind in _ROWS if kind.level == "error")
