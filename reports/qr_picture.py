"""A QR code as SVG, for a screen."""

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

_QUIET = 4  # modules of white around it (ISO/IEC 18004, 9.1)


def qr_svg(text: str) -> str:
    """SVG markup of `text` as a QR code, one unit a module, without inline style. Made of numbers only: nothing of `text` is in it."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    count = code.getModuleCount()
    side = count + 2 * _QUIET
    path = "".join(
        f"M{column + _QUIET} {row + _QUIET}h1v1h-1z"
        for row in range(count)
        for column in range(count)
        if code.isDark(row, column)
    )
    return (
        f'<svg class="qr" viewBox="0 0 {side} {side}" width="220" height="220" aria-hidden="true" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    )
