"""What people call the kinds of command."""

from desktop.ui.text import has_text, tr


def kind_words(kind: str) -> str:
    """新建, 公开回复; the kind itself where a newer program's is not known."""
    name = f"sync.kind.{kind}"
    return tr(name) if has_text(name) else kind
