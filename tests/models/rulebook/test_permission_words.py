"""The permissions page leaves nothing out and says nothing twice."""

from models.rulebook.permission_words import PERMISSION_GROUPS, PERMISSION_WORDS, PLACE_WORDS, ROLE_WORDS, permissions_of
from models.rulebook.permissions import PERMISSIONS, Permission, Place
from models.rulebook.vocabulary import Role


def test_every_permission_stands_on_the_page_once_in_both_languages() -> None:
    listed = [permission for _, group in PERMISSION_GROUPS for permission in group]
    assert sorted(listed) == sorted(Permission)
    assert set(ROLE_WORDS) == set(Role)
    assert set(PLACE_WORDS) == set(Place)
    for words in (*PERMISSION_WORDS.values(), *ROLE_WORDS.values(), *PLACE_WORDS.values()):
        assert all(words)
    for language in (0, 1):
        assert len({words[language] for words in PERMISSION_WORDS.values()}) == len(Permission)


def test_what_a_role_may_do_is_what_the_table_says() -> None:
    for role in Role:
        assert set(permissions_of(role)) == {each for each in Permission if role in PERMISSIONS[each].roles}
