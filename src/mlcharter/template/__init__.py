"""The template: what it demands of a repository, its versions, its questions, and rendering it."""
