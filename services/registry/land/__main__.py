"""`python -m services.registry.land` runs the service."""

from services.registry.land.app import main

main()
