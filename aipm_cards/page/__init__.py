"""The statistics as one page for a browser, which needs nothing else."""
