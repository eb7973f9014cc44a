"""The population data (dân cư) as they cross a boundary: citizens, residences, households, checks, the log.

A check answers match or no match and never says which field differs. Names follow the national lookup API and
QCVN 109:2017/BTTTT (domain 7.1), given in brackets where they help; values are plain words in our own API.
"""

from contracts.population.checks import (
    CheckOutcome,
    HouseholdConfirmation,
    HouseholdConfirmationResult,
    HouseholdConfirmationResults,
    IdCardCheck,
    IdCardCheckResults,
    IdentityCheck,
    IdentityCheckResult,
    IdentityCheckResults,
)
from contracts.population.citizens import (
    Citizen,
    CitizenChange,
    HouseholdOfCitizen,
    NewCitizen,
    Place,
    PlaceView,
    RegisteredCitizen,
    Relative,
)
from contracts.population.households import (
    Household,
    HouseholdMember,
    HouseholdMemberView,
    JoiningMember,
    NewHousehold,
    RecordedHousehold,
)
from contracts.population.lookups import LookupCount, LookupEntry, LookupKind, LookupSummary
from contracts.population.residences import AfterReform, NewResidence, Residence, UnitName
from contracts.population.values import (
    BirthDate,
    BloodGroup,
    Day,
    LifeStatus,
    MaritalStatus,
    Relation,
    ResidenceKind,
)

__all__ = [
    "AfterReform",
    "BirthDate",
    "BloodGroup",
    "CheckOutcome",
    "Citizen",
    "CitizenChange",
    "Day",
    "Household",
    "HouseholdConfirmation",
    "HouseholdConfirmationResult",
    "HouseholdConfirmationResults",
    "HouseholdMember",
    "HouseholdMemberView",
    "HouseholdOfCitizen",
    "IdCardCheck",
    "IdCardCheckResults",
    "IdentityCheck",
    "IdentityCheckResult",
    "IdentityCheckResults",
    "JoiningMember",
    "LifeStatus",
    "LookupCount",
    "LookupEntry",
    "LookupKind",
    "LookupSummary",
    "MaritalStatus",
    "NewCitizen",
    "NewHousehold",
    "NewResidence",
    "Place",
    "PlaceView",
    "RecordedHousehold",
    "RegisteredCitizen",
    "Relation",
    "Relative",
    "Residence",
    "ResidenceKind",
    "UnitName",
]
