"""Routes of the dossier service: parse, authorise, call one function, return."""
