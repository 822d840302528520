"""Founding an embedded authority: two tokens, two keys, the root's certificate and the issuing authority's; and the token
of its responder, which is founded whenever it is missing.

Everything is made in a folder of its own beside the final one, which appears by a single rename when all is whole and on
the disk. An interrupted founding leaves only such a folder: it has signed nothing but itself, and the next one removes it.

Keys: RSA, because the signature servers and browser controls of Chinese platforms speak RSA and SM2 and rarely ECDSA,
and because PKCS #1 v1.5 gives the same certificate again for the same bytes. The root has 3072 bits (its certificate
lasts 20 years, and it signs once), the issuing authority 2048 (what every such server takes; 5 times as fast as 3072 in
SoftHSM; six years: five of issuing, one for the last certificate to lapse).
"""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from card_issuance import profile
from card_issuance.authority import AuthorityFault, AuthorityRefused
from card_issuance.authority_directory import (
    ISSUING,
    ISSUING_CERTIFICATE,
    OCSP,
    PIN_FILE,
    RECORD,
    ROOT,
    ROOT_CERTIFICATE,
    SOFTHSM_SETTINGS,
)
from card_issuance.authority_record import create_record
from card_issuance.lasting_child import ChildFault, ChildLost, LastingChild
from card_issuance.lint import AUTHORITY, Linter

ROOT_BITS, ISSUING_BITS, RESPONDER_BITS = 3072, 2048, 2048
ROOT_YEARS, ISSUING_YEARS = 20, 6
_SETTINGS = "directories.tokendir = tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
_BACKDATED = timedelta(hours=1)  # for clocks that are a little behind
_DEADLINE = 120.0  # seconds; RSA-3072 in SoftHSM takes up to ten on a slow machine


class FoundingFailed(AuthorityFault):
    """No authority was made; the reason is for a technician."""


def signer(directory: Path, role: str, module: str, deadline: float) -> LastingChild:
    """The process that holds one of the authority's keys. Paths in SoftHSM's settings are relative to its folder,
    so that the authority's directory may be moved and backed up as a whole."""
    folder = directory.resolve() / role
    return LastingChild(
        "card_issuance.authority_child",
        role,
        module,
        folder=folder,
        environment={"SOFTHSM2_CONF": str(folder / SOFTHSM_SETTINGS)},
        deadline=deadline,
    )


@contextlib.contextmanager
def only_one(directory: Path) -> Iterator[None]:
    """Two processes that find no authority do not found two."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(_beside(directory, "lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def found(directory: Path, now: datetime, module: str, organisation: str) -> None:
    """Makes the authority in `directory`, which must not exist; its parent is created. Takes a few seconds.

    Raises FoundingFailed, or FileExistsError where an authority stands already. Call it within `only_one`.
    """
    if directory.exists():
        raise FileExistsError(directory)
    for left_over in directory.parent.glob(f".{directory.name}.building-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    building = _beside(directory, f"building-{secrets.token_hex(4)}")
    try:
        building.mkdir(mode=0o700)
        create_record(building / RECORD)
        _make(building, now, module, organisation)
        _sync(building)
        building.rename(directory)
        _sync_one(directory.parent)
    except (OSError, ChildLost, ChildFault, AuthorityFault) as fault:
        shutil.rmtree(building, ignore_errors=True)
        raise FoundingFailed(f"The authority could not be founded: {fault}") from fault


def found_responder(directory: Path, module: str) -> None:
    """Makes the responder's token and key in an authority that has none: one founded before there were responders, or one
    whose folder was thrown away because its key is of no lasting worth. Half a second; nothing to do costs nothing.

    Raises FoundingFailed.
    """
    if (directory / OCSP).exists():
        return
    with only_one(directory):
        if (directory / OCSP).exists():
            return
        for left_over in directory.glob(f".{OCSP}.building-*"):
            shutil.rmtree(left_over, ignore_errors=True)
        building = _beside(directory / OCSP, f"building-{secrets.token_hex(4)}")
        try:
            with _new_key(building, OCSP, module, RESPONDER_BITS):
                pass
            _sync(building)
            (building / OCSP).rename(directory / OCSP)
            _sync_one(directory)
        except (OSError, ChildLost, ChildFault) as fault:
            raise FoundingFailed(f"The authority's responder could not be founded: {fault}") from fault
        finally:
            shutil.rmtree(building, ignore_errors=True)


def _make(building: Path, now: datetime, module: str, organisation: str) -> None:
    mark = secrets.token_hex(4).upper()  # two authorities never share a name, so no platform mixes them up
    root_name = profile.authority_name(organisation, f"{organisation} 根证书机构 {mark}")
    issuing_name = profile.authority_name(organisation, f"{organisation} 签发机构 {mark}")
    begin = now - _BACKDATED
    with _new_key(building, ROOT, module, ROOT_BITS) as (root_child, root_public):
        root_key = profile.rsa_key(root_public)
        root = _certificate(root_child, profile.root(root_name, root_key, (begin, _later(now, ROOT_YEARS)), profile.new_serial()))
        with _new_key(building, ISSUING, module, ISSUING_BITS) as (_, issuing_public):
            issuing = _certificate(
                root_child,
                profile.issuing_authority(
                    issuing_name,
                    profile.rsa_key(issuing_public),
                    (begin, _later(now, ISSUING_YEARS)),
                    profile.new_serial(),
                    profile.Issuer.of(x509.load_der_x509_certificate(root)),
                ),
            )
    _lint(building, root, issuing)
    (building / ROOT_CERTIFICATE).write_bytes(root)
    (building / ISSUING_CERTIFICATE).write_bytes(issuing)


@contextlib.contextmanager
def _new_key(building: Path, role: str, module: str, bits: int) -> Iterator[tuple[LastingChild, bytes]]:
    folder = building / role
    (folder / "tokens").mkdir(mode=0o700, parents=True)
    folder.chmod(0o700)
    (folder / SOFTHSM_SETTINGS).write_text(_SETTINGS)
    with open(os.open(folder / PIN_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"officer": secrets.token_hex(16), "user": secrets.token_hex(16)}, file)
    child = signer(building, role, module, _DEADLINE)
    try:
        _, public = child.ask("make_key", bits=bits)
        yield child, public
    finally:
        child.close()


def _certificate(root_child: LastingChild, to_be_signed: bytes) -> bytes:
    _, signature = root_child.ask("sign", to_be_signed)
    return profile.signed(to_be_signed, signature)


def _lint(building: Path, *certificates: bytes) -> None:
    linter = Linter(building, _DEADLINE)
    try:
        findings = [finding for one in certificates for finding in linter.lint(one, AUTHORITY) if finding.refuses]
    finally:
        linter.close()
    if findings:
        raise AuthorityRefused(findings)


def _later(now: datetime, years: int) -> datetime:
    """The same day `years` on; 29 February becomes 1 March."""
    try:
        return now.replace(year=now.year + years)
    except ValueError:
        return now.replace(year=now.year + years, month=3, day=1)


def _beside(directory: Path, what: str) -> Path:
    return directory.parent / f".{directory.name}.{what}"


def _sync(folder: Path) -> None:
    for place, _, files in os.walk(folder, topdown=False):
        for file in files:
            _sync_one(Path(place, file))
        _sync_one(Path(place))


def _sync_one(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
