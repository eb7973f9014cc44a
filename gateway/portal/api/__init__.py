"""The portal's routes: the wire (mapi), faults, proof, and the citizen's JSON. The pages are in `web/`."""
