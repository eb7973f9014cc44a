"""What the whole province shares: administrative units, procedures, agencies and national prefixes.

The data files beside this module are the only source of these facts; README.md says where each comes from.
Import what you need from `contracts.catalogue.loader`. Nothing is read before it is asked for.
"""
