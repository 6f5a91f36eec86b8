"""Reading, measured: labelled messages, the training of the heads, and the score."""
