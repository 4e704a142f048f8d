"""Modules that every room uses: errors, files, Git, terminal text, plug-ins. Nothing about ML."""
