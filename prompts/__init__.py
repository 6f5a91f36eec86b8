"""Text that people or models read: questions, claims, replies. Data only."""
