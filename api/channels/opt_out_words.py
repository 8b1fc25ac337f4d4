"""The words by which people leave and come back to an SMS number, where the provider answers them.

Twilio does so on a long code, and so do aggregators that were asked to; only a word that is the
whole message counts. Whatever we would add after a STOP is refused (Twilio: 21610).
"""

from api.channels.base import OptOut

_STOP = ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT")
_START = ("START", "YES", "UNSTOP")
_HELP = ("HELP", "INFO")
_KEYWORDS = {
    **dict.fromkeys(_STOP, OptOut.STOP),
    **dict.fromkeys(_START, OptOut.START),
    **dict.fromkeys(_HELP, OptOut.HELP),
}


def opt_out_word(text: str) -> OptOut:
    """What a provider that answers these words itself did about this message."""
    return _KEYWORDS.get(text.strip().upper(), OptOut.NONE)
