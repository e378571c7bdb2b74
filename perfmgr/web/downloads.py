"""Files to download, with their Chinese names."""

from urllib.parse import quote


def attachment(name: str, fallback: str, how: str = "attachment") -> dict[str, str]:
    """Return the header that names a download; ``fallback`` is an ASCII name for old programs.

    ``how`` is ``inline`` for what the browser may open itself.
    """
    safe = "".join(c for c in name if c.isprintable() and c not in '\\/:*?"<>|')
    return {"Content-Disposition": f"{how}; filename={fallback}; filename*=UTF-8''{quote(safe)}"}
