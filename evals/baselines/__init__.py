"""Simpler ways to give the same advice, run on the same scenarios: what Rung has to be better than.

`rules` and `questionnaire` need no model. The guide pasted into a prompt and a plain retrieval agent need one: each is called
as `answer(scenario) -> rung or None` and keeps count of what it used. Both are told at once everything that the
scenario's person would answer if asked, so they miss nothing for want of a question; Rung has to ask.
"""
