"""Texts that people, broken keyboards and hostile senders could send, and changes to real ones."""

from collections.abc import Sequence

from hypothesis import strategies as st

ODD = st.sampled_from(
    [
        *["\x00", "\x00a", "\u200f", "\u202e", "\ufeff", "\u2028", "\x85", "\r", "\r\n", "\x1b[0m"],
        *["\ud800", "\udfff", "\U0010ffff", "\uffff", "e\u0301", "a" + "\u0301" * 90, "🇵🇰" * 9],
        *["👨\u200d👩\u200d👧", "ہم\u200cآہنگ", "پیسے۔", "۱۲۳"],
        *["+92 300 123 4567", "1,200,000", "Rs. 15,000"],
        *["12 lakh", "https://a.pk/b?c=1,2", "{helpline:mrc}", "%s%n", "%00", "../../etc", "=1+1"],
        *["/restart", "{{7*7}}", "<b>&amp;", "'; --", "\\u0000", "€" * 81, "a" * 3000, " " * 300],
    ]
)  # fmt: skip

WORDS = st.sampled_from(
    ["visa", "agent", "dunki", "mat", "paise?", "کشتی", "ڈوب", "bachao", "stop", "(kal)", "Dr."]
)

SPACES = st.sampled_from([" ", " ", "  ", "\n", "\n\n", "\r\n", "\t", "\u00a0", "\u2009", ""])

TEXT = st.one_of(
    st.text(max_size=60),
    ODD,
    st.lists(st.tuples(st.one_of(WORDS, ODD, st.text(max_size=8)), SPACES), max_size=14).map(
        lambda pieces: "".join(word + space for word, space in pieces)
    ),
)
"""Any text, lone surrogates included."""


@st.composite
def changed(draw: st.DrawFn, text: str, alphabet: Sequence[str] = ()) -> str:
    """A text after a few small accidents: cut, doubled, moved, overwritten."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 1, 1, 2, 5, 20, 200])))
        piece = text[start:end]
        put = draw(
            st.one_of(
                st.sampled_from(["", piece * 2, piece * 9, piece[::-1], piece.swapcase()]),
                st.sampled_from(list(alphabet) or [""]),
                TEXT,
            )
        )
        text = text[:start] + put + text[end:]
    return text


@st.composite
def changed_bytes(draw: st.DrawFn, data: bytes) -> bytes:
    """Bytes after a few small accidents."""
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from([0, 1, 1, 4, 64])))
        put = draw(st.one_of(st.just(b""), st.just(data[start:end] * 2), st.binary(max_size=8)))
        data = data[:start] + put + data[end:]
    return data
