"""Rung in Slack: a thin front over `Advisor.reply`. Slack's rules end here; the advisor knows nothing of them."""
