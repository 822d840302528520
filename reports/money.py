"""Amounts: whole fen in, digits or Chinese capitals out.

The capitals follow the rules for filling in bills (支付结算办法, annex 1): 零 once for zeros between digits, 整 when there are no fen.
"""

from reports.faults import PaperFault

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿")
LIMIT_FEN = 10**14


def yuan(fen: int) -> str:
    """18000 → "180.00", 1764000 → "17,640.00"."""
    _check(fen)
    return f"{fen // 100:,}.{fen % 100:02d}"


def capitals(fen: int) -> str:
    """18000 → "人民币壹佰捌拾元整", 10020305 → "人民币壹拾万零贰佰零叁元零伍分"."""
    _check(fen)
    whole, jiao, cents = fen // 100, fen // 10 % 10, fen % 10
    text = _integer(whole) + "元" if whole else ""
    if jiao:
        text += ("零" if whole and whole % 10 == 0 else "") + DIGITS[jiao] + "角"
    elif cents and whole:
        text += "零"
    if cents:
        return f"人民币{text}{DIGITS[cents]}分"
    return f"人民币{text or '零元'}整"


def _integer(number: int) -> str:
    text, pending_zero = "", False
    groups = []
    while number:
        groups.append(number % 10000)
        number //= 10000
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if not group:
            pending_zero = bool(text)
            continue
        if text and (pending_zero or group < 1000):
            text += "零"
        text += _group(group) + GROUPS[index]
        pending_zero = False
    return text


def _group(number: int) -> str:
    """1 to 9999."""
    text, zero = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            text += ("零" if zero and text else "") + DIGITS[digit] + PLACES[place]
            zero = False
        else:
            zero = True
    return text


def _check(fen: int) -> None:
    if not isinstance(fen, int) or isinstance(fen, bool) or not 0 <= fen < LIMIT_FEN:
        raise PaperFault("an amount is whole fen, from 0 to below a thousand billion yuan")
