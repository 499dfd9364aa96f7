"""Web addresses as people type them."""

__all__ = ["web_address"]


def web_address(text: str) -> str:
    """An address that can be followed: what was typed without a scheme gets one."""
    return text if not text or text.lower().startswith(("http://", "https://")) else f"https://{text}"
