"""What platforms are told when a call is refused: for every stable code a status, a title and what to do, in both languages.

Not in the pages' catalogue: a program on the other side keeps the code, and its people read either language, whatever was asked
for. Why a certificate may not be bound is said by the rulebook's own words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class ProblemWords:
    """`detail_*` may hold `{facts}`, filled where the problem is raised."""

    status: int
    title_zh: str
    title_en: str
    detail_zh: str
    detail_en: str


PROBLEMS: Mapping[str, ProblemWords] = MappingProxyType(
    {
        "request_malformed": ProblemWords(
            400, "请求无法读取", "The request cannot be read",
            "请求内容不是合法的 JSON 对象，请按接口文档发送。",
            "The body is not a valid JSON object; send it as the OpenAPI document says.",
        ),
        "request_faulty": ProblemWords(
            422, "请求内容有误", "Something in the request is wrong",
            "请逐条更正 faults 所列各项后重新发送。",
            "Correct everything that is listed in faults, then send it again.",
        ),
        "token_missing": ProblemWords(
            401, "没有访问令牌", "No access token",
            "请先到 /api/platforms/v1/token 领取访问令牌，并以 Authorization: Bearer 送来。",
            "Ask for an access token at /api/platforms/v1/token and send it as Authorization: Bearer.",
        ),
        "token_invalid": ProblemWords(
            401, "访问令牌无效", "The access token is not valid",
            "令牌不存在、已过期，或平台已停用。请重新领取一个；若领取被拒，请联系一证通运营方。",
            "The token is unknown or expired, or the platform was disabled. Ask for a new one; if that is refused, call the "
            "office's operator.",
        ),
        "scope_missing": ProblemWords(
            403, "令牌权限不足", "The token is not good for this",
            "此操作需要权限 {scope}。请领取带有该权限的令牌；平台没有该权限的，请联系一证通运营方。",
            "This operation needs the scope {scope}. Ask for a token that has it; if the platform itself does not have it, call "
            "the office's operator.",
        ),
        "too_many_calls": ProblemWords(
            429, "请求过于频繁", "Too many calls",
            "已超过每分钟 {limit} 次的限额，请在 {seconds} 秒后再试。",
            "More than {limit} calls within a minute; call again after {seconds} seconds.",
        ),
        "too_many_tries": ProblemWords(
            429, "密钥错误次数过多", "Too many wrong secrets",
            "这个地址多次送来错误的密钥，请在 {seconds} 秒后再试。",
            "Wrong secrets came from this address too often; try again after {seconds} seconds.",
        ),
        "address_unknown": ProblemWords(
            404, "没有这个地址", "No such address",
            "接口没有这个地址，请对照接口文档。",
            "There is nothing at this address; compare it with the OpenAPI document.",
        ),
        "method_not_allowed": ProblemWords(
            405, "不支持这种方法", "This method is not allowed",
            "这个地址只接受 {methods}。",
            "This address takes {methods} only.",
        ),
        "too_large": ProblemWords(
            413, "请求太大", "The request is too large",
            "请求内容最多 {limit} 字节。",
            "A request may have {limit} bytes at most.",
        ),
        "media_type_unsupported": ProblemWords(
            415, "内容类型不受支持", "This media type is not supported",
            "请以 {wanted} 发送，不要压缩。",
            "Send {wanted}, not compressed.",
        ),
        "idempotency_key_missing": ProblemWords(
            400, "缺少 Idempotency-Key", "The Idempotency-Key is missing",
            "请为每次操作生成一个新的随机 Idempotency-Key（1 至 80 个可见 ASCII 字符），重发同一操作时原样再送。",
            "Make a new random Idempotency-Key (1 to 80 visible ASCII characters) for every act, and send the same again when "
            "you repeat the act.",
        ),
        "idempotency_key_reused": ProblemWords(
            422, "Idempotency-Key 已用于别的请求", "The Idempotency-Key was used for another request",
            "同一个 Idempotency-Key 只能用于内容相同的请求。请换一个新的。",
            "One Idempotency-Key stands for one request with one body. Use a new one.",
        ),
        "certificate_unknown": ProblemWords(
            404, "没有这张证书", "No such certificate",
            "本机构没有签发过这个序列号的证书。请核对序列号（小写十六进制，无前导零）。",
            "No certificate with this serial number was issued here. Check the number (lower-case hex, no leading zero).",
        ),
        "certificate_malformed": ProblemWords(
            422, "不是证书", "These bytes are no certificate",
            "请发送一张 X.509 证书：DER 原样，或 PEM 文本，持有人证书在最前。",
            "Send one X.509 certificate: DER as it is, or PEM text with the holder's certificate first.",
        ),
        "other_issuer": ProblemWords(
            422, "不是本机构签发的证书", "Issued by somebody else",
            "这张证书的签发者是“{issuer}”，请向该机构查询。",
            "This certificate says that it was issued by “{issuer}”; ask there.",
        ),
        "certificate_forged": ProblemWords(
            422, "证书签名不符", "The certificate's signature is wrong",
            "证书自称由本机构签发，但签名核验不过。请勿信任，并通知一证通运营方。",
            "The certificate claims to be issued here, but its signature does not verify. Do not trust it, and tell the office's "
            "operator.",
        ),
        "binding_unknown": ProblemWords(
            404, "没有这条绑定", "No such binding",
            "贵平台没有这条绑定。",
            "Your platform has no such binding.",
        ),
        "cursor_ahead": ProblemWords(
            409, "游标超前", "The cursor is ahead",
            "最后一条通知是第 {last} 号，游标在它之后。请核对保存的游标；确有缺漏的，从 0 读起。",
            "The last event is number {last}, and the cursor is beyond it. Check the cursor that you kept; if in doubt read from 0.",
        ),
        "stale": ProblemWords(
            409, "刚刚有了变化", "Something changed in the meantime",
            "同一单位的绑定刚刚被别的操作改动。请重新读取后再试。",
            "Another act changed this applicant's binding just now. Read it again, then repeat.",
        ),
        "unavailable": ProblemWords(
            503, "暂时不可用", "Not available now",
            "服务暂时联系不上，请稍后再试。",
            "The service cannot be reached at the moment; try again later.",
        ),
        "internal": ProblemWords(
            500, "程序出错", "An error of the program",
            "程序出了错，已记录在案。请稍后用同一个 Idempotency-Key 重试。",
            "The program made an error, which is on record. Try again later, with the same Idempotency-Key.",
        ),
    }
)  # fmt: skip

# What may be wrong with one field of a request, by the code that it is told with.
FAULTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "missing": ("缺少这一项", "is missing"),
        "unknown_field": ("没有这一项", "is not known here"),
        "no_object": ("应为 JSON 对象", "must be a JSON object"),
        "no_text": ("应为文本", "must be a text"),
        "no_list": ("应为列表", "must be a list"),
        "no_flag": ("应为 true 或 false", "must be true or false"),
        "no_number": ("应为范围内的整数", "must be a whole number in its range"),
        "wrong_length": ("长度不合要求", "has not the right length"),
        "wrong_form": ("格式不合要求", "has not the right form"),
        "repeated": ("重复出现", "is given more than once"),
        "no_json": ("不是合法的 JSON", "is not valid JSON"),
    }
)
