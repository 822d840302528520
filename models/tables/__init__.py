"""What is stored, in one place to import from."""

from models.tables.base import Base
from models.tables.cases import (
    Applicant,
    ApplicantBigram,
    Case,
    CaseItem,
    Document,
    DocumentSet,
    Examination,
    Notice,
    Scan,
    SetClaim,
)
from models.tables.database import db
from models.tables.issuance import (
    Certificate,
    CertificateCheck,
    Envelope,
    Grant,
    Handover,
    RevocationList,
    Run,
    Station,
    StrayCertificate,
    Token,
)
from models.tables.ledger import Counter, Edition, JournalLine, Receipt
from models.tables.names import bigrams
from models.tables.people import Branch, LoginFailure, Staff, StaffRole, StaffSession

__all__ = [
    "Applicant",
    "ApplicantBigram",
    "Base",
    "Branch",
    "Case",
    "CaseItem",
    "Certificate",
    "CertificateCheck",
    "Counter",
    "Document",
    "DocumentSet",
    "Edition",
    "Envelope",
    "Examination",
    "Grant",
    "Handover",
    "JournalLine",
    "LoginFailure",
    "Notice",
    "Receipt",
    "RevocationList",
    "Run",
    "Scan",
    "SetClaim",
    "Staff",
    "StaffRole",
    "StaffSession",
    "Station",
    "StrayCertificate",
    "Token",
    "bigrams",
    "db",
]
