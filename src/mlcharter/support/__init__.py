"""What every room uses: errors, files, Git, text for a terminal, plug-ins. Knows nothing of ML."""
