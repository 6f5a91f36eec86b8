"""The gate that a fine-tuning data set has to pass: what is wrong in it, on which line, and what to do about it.

`check.check` streams a file of chat-format examples, one JSON object a line, and returns a `report.Report`.
"""
