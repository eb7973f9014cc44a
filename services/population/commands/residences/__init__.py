"""Where citizens live: entered, renewed, ended, and time away. One file a use case."""
