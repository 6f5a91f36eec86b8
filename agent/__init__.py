"""The advisor, one turn at a time: facts, rubric, interview, reading, writing, and the fronts that show it."""
