"""Photos: decoded with care, turned upright, made smaller, and written anew without what the camera noted in them."""

from __future__ import annotations

import io
import warnings

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from surveys.question_types.registry import Unclean

LARGEST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000  # a 17 kB file can unfold to hundreds of megabytes
LONGEST_SIDE_PX = 1600
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")  # MPO comes in as JPEG; of an animation the first image


def reencoded(raw: bytes) -> bytes:
    """The picture alone as a JPEG of at most 1600 pixels: no EXIF, no place, no thumbnail, no second image.

    Raises:
        Unclean: not a photo we can read, or one that unfolds to too much.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(raw), formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise Unclean(_("This photo has more than 40 million pixels. Please choose a smaller one."))
                opened.draft("RGB", (LONGEST_SIDE_PX, LONGEST_SIDE_PX))
                upright = ImageOps.exif_transpose(opened).convert("RGB")
    except Unclean:
        raise
    except Exception:
        # Decoders of damaged files raise whatever they meet; to a person it is one thing.
        raise Unclean(_("This file cannot be read as a photo. Please send a JPEG, PNG or WebP.")) from None
    upright.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
