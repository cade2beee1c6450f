"""IDEs of our own, for what only a real debugger session shows."""
