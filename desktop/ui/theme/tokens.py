"""The one place where colours, spaces, sizes and weights of the desktop are written down."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Tokens:
    """The colours of one scheme as `#RRGGBB`; text colours reach 4.5:1 on bg, surface, sunken and hover."""

    bg: str  # window, sidebar, bars
    surface: str  # table, panes, cards
    sunken: str  # header cells, footers, customer bubble
    hover: str  # hover, row lines, skeletons, disabled
    line: str  # dividers
    line_strong: str  # input borders, 3:1
    text: str
    text2: str
    text3: str
    accent: str  # links, selection, focus
    accent_fill: str  # primary button, white text
    accent_hover: str
    accent_press: str
    accent_soft: str  # selected row, public reply
    accent_line: str
    late: str  # overdue, error, refusal
    late_soft: str
    late_line: str
    soon: str  # due soon, offline, please confirm
    soon_soft: str
    soon_line: str
    ok: str  # met, synced, done
    ok_soft: str
    ok_line: str
    note: str  # internal note only
    note_soft: str
    note_line: str
    on_accent: str = "#FFFFFF"  # text on accent_fill
    on_late: str = "#FFFFFF"  # text on a late ground
    c1: str  # charts: the subject
    c2: str  # "look here"
    c3: str
    c4: str
    c5: str
    c6: str  # context


LIGHT: Final = Tokens(
    bg="#F2F3F5",
    surface="#FFFFFF",
    sunken="#F7F8F9",
    hover="#EEF1F4",
    line="#DDE1E6",
    line_strong="#7D8793",
    text="#1A1E24",
    text2="#4E5763",
    text3="#626B77",
    accent="#1D5BB5",
    accent_fill="#1D5BB5",
    accent_hover="#174C99",
    accent_press="#123D7C",
    accent_soft="#E6EFFA",
    accent_line="#A9C6EC",
    late="#B3261E",
    late_soft="#FCEBE9",
    late_line="#EDB8B3",
    soon="#8A5200",
    soon_soft="#FDF1DC",
    soon_line="#E8C68A",
    ok="#1E6B3C",
    ok_soft="#E6F4EA",
    ok_line="#A9D5B8",
    note="#6B5A14",
    note_soft="#FBF7E4",
    note_line="#E2D598",
    c1="#1D5BB5",
    c2="#D0790F",
    c3="#0C5A50",
    c4="#8A1F6E",
    c5="#6B5E12",
    c6="#8A929D",
)

DARK: Final = Tokens(
    bg="#14171A",
    surface="#1C1F24",
    sunken="#181B1F",
    hover="#262B32",
    line="#31373F",
    line_strong="#757F8C",
    text="#E7EAEE",
    text2="#B1B9C4",
    text3="#929BA8",
    accent="#8AB4F4",
    accent_fill="#2F6CC9",
    accent_hover="#2862B8",
    accent_press="#2156A4",
    accent_soft="#1E2E48",
    accent_line="#3B5C8F",
    late="#FF9B91",
    late_soft="#3E1F1D",
    late_line="#7A3A35",
    soon="#F2BC62",
    soon_soft="#372A14",
    soon_line="#6E5526",
    ok="#7FD19B",
    ok_soft="#17321F",
    ok_line="#2F6242",
    note="#E3D28A",
    note_soft="#2B281A",
    note_line="#5B5330",
    on_late="#14171A",
    c1="#6FA3F2",
    c2="#EF9049",
    c3="#7FE3D8",
    c4="#E23B86",
    c5="#E6D48C",
    c6="#8E97A4",
)

# What text may stand on.
GROUNDS: Final = (
    "bg",
    "surface",
    "sunken",
    "hover",
    "accent_soft",
    "late_soft",
    "soon_soft",
    "ok_soft",
    "note_soft",
)

SPACE: Final = (4, 8, 12, 16, 20, 24, 32)
PANE_PADDING: Final = 16
CARD_GAP: Final = 12
LABEL_GAP: Final = 4

RADIUS_BAR: Final = 2
RADIUS_CONTROL: Final = 4
RADIUS_CARD: Final = 6
RADIUS_WALLBOARD: Final = 12

ROW_HEIGHT: Final = 24
ROW_HEIGHT_COMFORTABLE: Final = 32
CONTROL_HEIGHT: Final = 28
CONTROL_HEIGHT_SMALL: Final = 24
CHIP_HEIGHT: Final = 20
CHIP_HEIGHT_LARGE: Final = 24
HEADER_HEIGHT: Final = 28
BAR_HEIGHT: Final = 40
TAB_HEIGHT: Final = 32
ITEM_HEIGHT: Final = 28
STATUS_BAR_HEIGHT: Final = 24
TOAST_HEIGHT: Final = 40

ICON_SIZE: Final = 16
ICON_SIZE_SMALL: Final = 14
ICON_SIZE_HEAD: Final = 20
ICON_SIZE_EMPTY: Final = 48

FOCUS_WIDTH: Final = 2
FADE_MS: Final = 120
TOAST_MS: Final = 6_000
SKELETON_DELAY_MS: Final = 200
PROGRESS_DELAY_MS: Final = 2_000
FLASH_MS: Final = 1_200
BUBBLE_WIDTH: Final = 640
REMINDER_WIDTH: Final = 376


@dataclass(frozen=True, slots=True)
class TypeSize:
    """One step of the type scale, in pixels at 100 %."""

    size: int
    line: int
    bold: bool = False


TYPE: Final[dict[str, TypeSize]] = {
    "small": TypeSize(12, 16),
    "small_bold": TypeSize(12, 16, bold=True),
    "body": TypeSize(13, 20),
    "body_bold": TypeSize(13, 20, bold=True),
    "reading": TypeSize(13, 22),
    "h3": TypeSize(14, 20, bold=True),
    "h2": TypeSize(16, 24, bold=True),
    "h1": TypeSize(18, 28, bold=True),
    "figure": TypeSize(24, 32, bold=True),
}

# The first that is installed draws Chinese and Latin alike; the last two stand in on Linux.
LATIN_FAMILIES: Final = ("Segoe UI", "Helvetica Neue", "Noto Sans", "Liberation Sans")
"""Before the others where the window speaks English: in Chinese faces quotes and dots are as wide as a character."""
FAMILIES: Final = (
    "Microsoft YaHei UI",
    "PingFang SC",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "WenQuanYi Micro Hei",
)
