"""The certificate linter: pkilint with the rules of RFC 5280 and of ETSI EN 319 411-1, 412-2 and 412-3 for certificates
of legal persons, in a process of its own (`python -m card_issuance.lint`) so that the office's interpreter stays free.

Linting happens before signing, on the certificate with a blank signature: no rule looks at the signature's value.
"""

import gc
from pathlib import Path
from typing import Any

from card_issuance.authority import AuthorityUnreachable, Finding
from card_issuance.lasting_child import ChildFault, ChildLost, LastingChild, answer_questions

LEGAL_ENTITY, AUTHORITY = "legal_entity", "authority"  # what kind of certificate is linted

# Findings that do not refuse here, each with its reason. They are kept with the certificate as notices.
WAIVED = {
    "etsi.internal_domain_name": "Lists and certificates may be published within the office's own network.",
}


class Linter:
    """The parent's end; may be shared by threads."""

    def __init__(self, folder: Path, deadline: float) -> None:
        self._child = LastingChild("card_issuance.lint", folder=folder, deadline=deadline)

    def lint(self, certificate: bytes, kind: str = LEGAL_ENTITY) -> list[Finding]:
        """All findings about a certificate in DER, waived ones as notices. Raises AuthorityUnreachable."""
        try:
            answer, _ = self._child.ask("lint", certificate, kind=kind)
        except (ChildLost, ChildFault) as fault:
            raise AuthorityUnreachable(f"The linter: {fault}") from None
        return [_judged(Finding(**finding)) for finding in answer["findings"]]

    @property
    def pid(self) -> int | None:
        return self._child.pid

    def launch(self) -> None:
        """Lets it start ahead of the first certificate, without waiting: half a second of work."""
        self._child.launch()

    def close(self) -> None:
        self._child.close()


def _judged(finding: Finding) -> Finding:
    if finding.refuses and (reason := WAIVED.get(finding.code)):
        return Finding(finding.code, "notice", finding.place, f"{finding.detail} ({finding.severity}, waived: {reason})")
    return finding


def validators() -> dict[str, Any]:
    """One pkilint validator for each kind of certificate; building them takes 0.2 s."""
    from pkilint import etsi
    from pkilint.etsi.etsi_constants import CertificateType
    from pkilint.pkix import certificate, extension, name

    legal_person = CertificateType.NCP_LEGAL_PERSON_CERTIFICATE
    return {
        LEGAL_ENTITY: certificate.create_pkix_certificate_validator_container(
            etsi.create_decoding_validators(legal_person), etsi.create_validators(legal_person)
        ),
        AUTHORITY: certificate.create_pkix_certificate_validator_container(
            certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
            [
                certificate.create_issuer_validator_container([]),
                certificate.create_validity_validator_container(),
                certificate.create_subject_validator_container([]),
                certificate.create_extensions_validator_container([]),
                certificate.create_spki_validator_container([]),
            ],
        ),
    }


def walk_by_type(container: Any) -> None:
    """Makes pkilint's walk over a certificate twice as fast, with the same results in the same order.

    pkilint asks every validator at every node whether it matches. Most name the ASN.1 type that they are for, and so
    can be passed over by a look-up; those that remain are asked as before (their `match` begins with the same test).
    """
    from pkilint.validation import ValidatorContainer

    validators = container.validators
    for_type: dict[type, list[Any]] = {}

    def walk(node: Any, results: list[Any]) -> None:
        kind, path = type(node.pdu), node.path
        candidates = for_type.get(kind)
        if candidates is None:
            candidates = for_type[kind] = [
                one for one in validators if one._pdu_class is None or issubclass(kind, one._pdu_class)
            ]
        for one in candidates:
            if (one._path is None or one._path == path) and one.match(node):
                result = one.validate_wrapper(node)
                if isinstance(result, list):
                    results.extend(result)
                else:
                    results.append(result)
        for child in node.children.values():
            walk(child, results)

    container._validate_rec = walk
    for one in validators:
        if isinstance(one, ValidatorContainer):
            walk_by_type(one)


def findings_of(validator: Any, certificate: bytes) -> list[dict[str, str]]:
    """pkilint's results as plain values; a certificate that cannot be read is one fatal finding."""
    from pkilint.loader import load_der_certificate

    try:
        document = load_der_certificate(certificate)
    except ValueError as unreadable:
        return [Finding("profile.unreadable", "fatal", "certificate", str(unreadable)).as_json()]
    return [
        Finding(
            described.finding.code, described.finding.severity.name.lower(), result.node.path, described.message or ""
        ).as_json()
        for result in validator.validate(document.root)
        for described in result.finding_descriptions
    ]


def run() -> None:
    by_kind = validators()
    for validator in by_kind.values():
        walk_by_type(validator)
    gc.collect()
    gc.freeze()  # a hundred thousand lasting objects need not be walked again and again
    gc.set_threshold(50_000)

    def lint(facts: dict[str, Any], certificate: bytes) -> tuple[dict[str, Any], bytes]:
        return {"findings": findings_of(by_kind[facts["kind"]], certificate)}, b""

    answer_questions({"lint": lint}, {})


if __name__ == "__main__":
    run()
