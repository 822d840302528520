"""The permissions page in words: what each permission allows and each role is called, (Chinese, English), under its headings."""

from collections.abc import Mapping
from types import MappingProxyType

from models.rulebook.permissions import PERMISSIONS, Permission, Place
from models.rulebook.vocabulary import Role

Both = tuple[str, str]

ROLE_WORDS: Mapping[Role, Both] = MappingProxyType(
    {
        Role.clerk: ("受理员", "Clerk"),
        Role.reviewer: ("复核员", "Reviewer"),
        Role.supervisor: ("主管", "Supervisor"),
        Role.auditor: ("审计员", "Auditor"),
        Role.administrator: ("系统管理员", "Administrator"),
    }
)
PLACE_WORDS: Mapping[Place, Both] = MappingProxyType(
    {Place.own_branch: ("本网点", "Own branch"), Place.anywhere: ("各网点", "Everywhere")}
)
NOT_ONES_OWN: Both = ("本人的除外", "Not one's own")

PERMISSION_GROUPS: tuple[tuple[Both, Mapping[Permission, Both]], ...] = (
    (
        ("窗口", "At the counter"),
        {
            Permission.work_at_intake: (
                "受理：录入、预审、受理、补正、不予受理",
                "Intake: enter, examine, accept, ask for corrections",
            ),
            Permission.review_case: ("复核", "Review"),
            Permission.take_payment: ("收费", "Take payment"),
            Permission.issue_token: ("制证", "Issuance"),
            Permission.hand_over_token: ("发放", "Handover"),
            Permission.work_at_aftercare: (
                "售后：更新、变更、补办、解锁、检测",
                "Aftercare: renewal, amendment, replacement, unlock, check",
            ),
            Permission.read_call_list: ("到期名单：查看、打印、导出", "Call list of expiring certificates: read, print, export"),
            Permission.work_at_bindings: (
                "平台绑定：登记、重置、改绑、转办",
                "Platform bindings: register, reset, rebinding, relayed resets",
            ),
            Permission.ask_exception: ("申请特批、减免、退款、更正", "Ask for a waiver, admission, refund or correction"),
            Permission.hand_over_shift: ("交接班", "Hand over a shift"),
        },
    ),
    (
        ("主管的决定", "The supervisor's decisions"),
        {
            Permission.grant_exception: ("批准解锁、挂失补办、绑定重置", "Grant an unlock, a lost token, a binding reset"),
            Permission.decide_exception: ("决定特批、减免、退款、更正", "Decide on waivers, admissions, refunds, corrections"),
            Permission.tell_again: ("向平台重新发送通知", "Tell a platform once more"),
        },
    ),
    (
        ("库存、钱款与日结", "Stock, money and the day"),
        {
            Permission.manage_stock: (
                "库存：到货、调拨、盘亏盘盈、警戒线",
                "Stock: deliveries, transfers, write-offs, low-water marks",
            ),
            Permission.count_stock: ("盘点", "Count the day's pieces and cash"),
            Permission.keep_drawer: ("备用金和解款", "Put change into the drawer, bank its money"),
            Permission.close_day: ("签日结", "Countersign a day's count"),
        },
    ),
    (
        ("规则", "Rules"),
        {
            Permission.read_rules: ("查看规则和收费标准", "Read the editions of the rules and the price list"),
            Permission.write_rules: ("起草规则", "Write drafts of the rules"),
            Permission.publish_rules: ("发布规则", "Publish a draft"),
        },
    ),
    (
        ("人员、网点与平台", "People, places and platforms"),
        {
            Permission.manage_staff: ("管理工作人员", "Manage staff"),
            Permission.review_access: ("核对权限", "Review who may do what"),
            Permission.read_permissions: ("查看权限表", "Read who may do what"),
            Permission.manage_branches: ("管理网点和工位", "Manage branches and stations"),
            Permission.manage_platforms: ("管理业务平台", "Manage platforms"),
            Permission.watch_platforms: ("查看平台通知和绑定登记", "Watch what platforms are told, and the bindings"),
            Permission.own_account: ("自己的密码、动态码、语言", "Own password, one-time codes, language"),
        },
    ),
    (
        ("查阅", "Reading"),
        {
            Permission.read_case: ("查看案件", "Read cases"),
            Permission.find_case: ("查找案件", "Search for cases"),
            Permission.read_applicant: ("查看申请单位", "Read an applicant's page"),
            Permission.read_identity: ("查看完整证件号码（写明原因）", "See a whole identity number, with a reason"),
            Permission.read_journal: ("查看日志", "Read the journal"),
            Permission.supervise: ("查看后台各表", "Read the lists of supervision"),
            Permission.export_lists: ("导出列表", "Carry out a list as a file"),
            Permission.read_reports: ("查看报表", "Read the reports"),
        },
    ),
    (
        ("保管与销毁", "Retention"),
        {
            Permission.read_retention: ("查看保管期限", "Read the retention clocks"),
            Permission.hold_records: ("保全案卷", "Hold records"),
            Permission.propose_destruction: ("提出销毁", "Propose a destruction"),
            Permission.approve_destruction: ("批准销毁", "Approve a destruction"),
        },
    ),
)
PERMISSION_WORDS: Mapping[Permission, Both] = MappingProxyType(
    {permission: words for _, group in PERMISSION_GROUPS for permission, words in group.items()}
)


def permissions_of(role: Role) -> tuple[Permission, ...]:
    """What a role may do, in the order of the page."""
    return tuple(permission for permission in PERMISSION_WORDS if role in PERMISSIONS[permission].roles)
