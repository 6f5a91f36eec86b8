"""The commands of `rung`, by what they are about; `agent/cli.py` gathers them. What is heavy is imported when it runs."""
