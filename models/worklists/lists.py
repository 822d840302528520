"""The lists of supervision by the rooms they are shown in: what each shows, what it is asked, in what order. No personal number is
among the columns.
"""

from collections.abc import Mapping
from types import MappingProxyType

from models.worklists.lists_of_cases import CASES, CERTIFICATES, DECISIONS, DIRECTORY, LEAVES, REGISTER, TELLING
from models.worklists.lists_of_money import DAYS, ENTRIES, RECEIPTS, SHIFTS
from models.worklists.lists_of_people import JOURNAL, STAFF, TASKS
from models.worklists.lists_of_stock import DELIVERIES, ENVELOPES, MOVEMENTS, TOKENS, TRANSFERS
from models.worklists.looking import Listed

LISTS: Mapping[str, Listed] = MappingProxyType(
    {
        listed.room: listed
        for listed in (
            CASES,
            CERTIFICATES,
            DIRECTORY,
            DECISIONS,
            LEAVES,
            REGISTER,
            TELLING,
            TOKENS,
            ENVELOPES,
            DELIVERIES,
            TRANSFERS,
            MOVEMENTS,
            RECEIPTS,
            ENTRIES,
            DAYS,
            SHIFTS,
            STAFF,
            TASKS,
            JOURNAL,
        )
    }
)
