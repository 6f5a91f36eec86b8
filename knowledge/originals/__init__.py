"""The originals behind the digests, and a team's own documents: kept in the user's data folder, never in the repository."""
