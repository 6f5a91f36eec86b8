"""The memo: one page on a piece of advice that can be sent to somebody who was not in the conversation."""
