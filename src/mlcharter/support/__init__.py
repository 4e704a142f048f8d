"""What every room uses: errors, files, Git, terminal text, plug-ins. Knows nothing of ML."""
