"""The door to the catalogue: everything another package needs, by one name each.

Each table is read from its file on first use and kept; a second call costs nothing. Nothing here changes
while a process lives, and nothing here reads any file outside this folder.
"""

from contracts.catalogue.agencies import Agency, agencies, agency
from contracts.catalogue.prefixes import PersonalIdPrefix, agency_roots, personal_id_prefixes
from contracts.catalogue.procedures import Procedure, procedure, procedures
from contracts.catalogue.search import search
from contracts.catalogue.succession import became, predecessors, successors
from contracts.catalogue.units import (
    REFORM_DAY,
    AdministrativeUnit,
    Level,
    check_unit,
    children,
    is_ambiguous,
    path,
    unit,
    units,
    versions,
)

__all__ = [
    "REFORM_DAY",
    "AdministrativeUnit",
    "Agency",
    "Level",
    "PersonalIdPrefix",
    "Procedure",
    "agencies",
    "agency",
    "agency_roots",
    "became",
    "check_unit",
    "children",
    "is_ambiguous",
    "path",
    "personal_id_prefixes",
    "predecessors",
    "procedure",
    "procedures",
    "search",
    "successors",
    "unit",
    "units",
    "versions",
]
