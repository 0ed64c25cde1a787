"""A link as a picture that cameras read."""

from functools import lru_cache
from io import BytesIO
from typing import Final, Literal

MEDIA_TYPES: Final = {"png": "image/png", "svg": "image/svg+xml"}


@lru_cache(maxsize=256)
def picture(link: str, form: Literal["png", "svg"]) -> bytes:
    """The QR code of ``link``, with the quiet border that scanners need."""
    import qrcode
    from qrcode.image.pil import PilImage
    from qrcode.image.svg import SvgPathImage

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=12, border=4)
    code.add_data(link)
    out = BytesIO()
    code.make_image(image_factory=PilImage if form == "png" else SvgPathImage).save(out)
    return out.getvalue()
