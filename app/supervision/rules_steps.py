"""The steps of a draft that ask for a reason on a page of their own: what each does, says, and is called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.services.draft_edition import drop_edition
from app.services.propose_edition import propose_edition, take_back_edition
from app.services.publish_edition import publish_edition
from models.rulebook.oversight import DraftAction


@dataclass(frozen=True, slots=True)
class Step:
    action: DraftAction
    act: Callable[..., object]
    title: LazyString
    what: LazyString
    done: LazyString
    is_danger: bool = False


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "propose": Step(
            DraftAction.propose,
            propose_edition,
            _("提交发布"),
            _("提交后草稿不能再改；由另一位主管核对后发布，或退回修改。"),
            _("已提交，等另一位主管发布。"),
        ),
        "take_back": Step(
            DraftAction.take_back,
            take_back_edition,
            _("退回修改"),
            _("草稿可以再改，改过的须重新预演；提交后再由另一位主管发布。"),
            _("已退回修改。"),
        ),
        "drop": Step(
            DraftAction.drop,
            drop_edition,
            _("放弃草稿"),
            _("草稿不再使用，只留作记录。"),
            _("草稿已放弃。"),
            is_danger=True,
        ),
        "publish": Step(
            DraftAction.publish,
            publish_edition,
            _("发布"),
            _("发布后不能更改、不能撤回：从执行日起，所有网点的业务按这一版审核、收费。此前已受理的业务仍按原来的版本。"),
            _("已发布，从执行日起生效。"),
            is_danger=True,
        ),
    }
)
