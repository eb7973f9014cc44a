"""The `truc` command. One file a command or group of commands, listed in one table in `main`.

A command reads its arguments, calls `deploy.local` or the services, and prints; it decides nothing itself.
"""
