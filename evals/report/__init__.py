"""What a run says, for people and programs: computed once in `digest`, then shown in one form or another."""
