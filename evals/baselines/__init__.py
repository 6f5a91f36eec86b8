"""What one would build without Rung: the guide pasted into a prompt, and a plain retrieval agent. Each is called as
`answer(scenario) -> rung or None` and keeps count of what it used.

Both are told at once everything that the scenario's person would answer if asked, so they miss nothing for want of a
question; Rung has to ask.
"""
