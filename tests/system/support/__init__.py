"""What every system test shares: accounts, processes, trees, and runs of treefall."""
