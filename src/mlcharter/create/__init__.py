"""`new`: a repository that is whole or not there."""
