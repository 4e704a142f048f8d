"""The code of this system, one sub-package a track."""
