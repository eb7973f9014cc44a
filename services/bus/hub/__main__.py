"""`python -m services.bus.hub` runs the service."""

from services.bus.hub.app import main

main()
