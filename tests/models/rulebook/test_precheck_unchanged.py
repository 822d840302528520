"""A question that names no kind is answered to the byte as it was before kinds could be named: answers, faults, their order.

The digests were made by the program of before. A difference is a change of the contract, never a reason to renew them.
"""

import hashlib
import json

import pytest

from models.rulebook.precheck import examine
from models.rulebook.question import answer_json, parse
from models.rulebook.strict_json import Malformed
from tests.models.rulebook.drawn import Drawer

BLOCK = 200
DIGESTS = [
    *("122986ee222ad2c5", "290865a58ff72bef", "01976765bc0697d8", "979660b3387ebf22", "6299c2de72e52293"),
    *("f0c56982a1f62e7e", "db0da29e5faec180", "1cc5eeb8471f930b", "1d049e5e6e177c5a", "2301a9fbf8a47340"),
    *("56309d184c959616", "9b783bce32f4d153", "21f644d0f26f1508", "7369cc3bd1b4058d", "7f49523d6d8ce882"),
    *("d38eae046e1ed184", "d4f19ffd2028fcab", "2d689c240875392c", "042f26c8da4a7a26", "cad901c49933fec8"),
    *("a8a9e99165d5c63e", "53eba7e7cd3346b1", "703b26384e280b73", "43d55a49fca8331f", "e6e295e473a62d9d"),
    *("f7b33585036128d7", "c2669296884d9c39", "2667e5099343e40b", "b02d8a86b1b8e616", "b5cc99d098c54192"),
    *("0c82f326f8a8adb4", "23efc668097357be", "4b46eb12d0fc728d", "cd1d25b65132299f", "1dce9d4dbfc2da63"),
    *("bb1f28437f70f1b3", "522c77dba7f5400e", "e31fe6a0b794ccb1", "2a59c980f5ea0d98", "0231554858d8e7da"),
]


def told(asked):
    try:
        return answer_json(examine(parse(asked)))
    except Malformed as malformed:
        return [[fault.pointer, fault.message_zh, fault.message_en] for fault in malformed.faults]


def digest_of_block(number):
    """Of `BLOCK` answers, every other one to a malformed question."""
    drawer = Drawer(number)
    digest = hashlib.sha256()
    for position in range(BLOCK):
        asked = drawer.question()
        answer = told(drawer.spoiled(asked) if position % 2 else asked)
        digest.update(json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()[:16]


@pytest.mark.parametrize("number", range(len(DIGESTS)))
def test_answers_to_questions_without_a_kind_are_what_they_were(number):
    assert digest_of_block(number) == DIGESTS[number]


def test_most_of_what_was_spoiled_is_malformed_and_some_of_it_speaks_of_tokens():
    """Otherwise the digests would hold less than they seem to."""
    drawer = Drawer(0)
    spoiled = [drawer.spoiled(drawer.question()) for _ in range(500)]
    assert sum(isinstance(told(asked), list) for asked in spoiled) > 400
    assert sum('"token"' in json.dumps(asked) for asked in spoiled) > 20


@pytest.mark.parametrize("kind", ["token", "statement_of_loss"])
def test_a_new_application_knows_no_token_and_no_statement_of_loss(kind):
    asked = Drawer(0).question() | {"sets": [{"reference": None, "seal_at_counter": False, "documents": [{"kind": kind}]}]}
    (fault,) = told(asked)
    assert fault[0] == "/sets/0/documents/0/kind"
    assert fault[2] == (
        "must be one of application_form, organisation_code_certificate, business_licence, tax_registration, "
        f'code_bearing_licence, identity_document, not "{kind}"'
    )
    for word in ("new", "additional"):
        assert told(asked | {"kind": word}) == [fault]
