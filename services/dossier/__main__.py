"""`python -m services.dossier` runs the service."""

from services.dossier.app import main

main()
