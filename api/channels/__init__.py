"""Ways to people's phones. Which ones there are is decided here, once, at start."""

from api.channels.base import Channel
from api.channels.gateway import SmsGateway
from api.channels.simulator import SMS, WHATSAPP, Simulator
from api.channels.sms import TwilioSms
from api.channels.whatsapp import TwilioWhatsApp
from api.log import get_logger
from api.settings import Settings

log = get_logger(__name__)


def build_channels(settings: Settings) -> dict[str, Channel]:
    """The channels that the settings make possible, by name.

    A Twilio channel without account or sender is left out, with a warning that names the
    missing setting. An SMS gateway is there when the settings name one. The two simulated phones
    exist in development only.
    """
    channels: dict[str, Channel] = {}
    wanted: list[tuple[str, str, type[TwilioWhatsApp] | type[TwilioSms]]] = [
        ("SAHI_TWILIO_WHATSAPP_FROM", settings.twilio_whatsapp_from, TwilioWhatsApp),
        ("SAHI_TWILIO_SMS_FROM", settings.twilio_sms_from, TwilioSms),
    ]
    for setting, sender, channel_type in wanted:
        if settings.twilio_account_sid and sender:
            channel = channel_type(settings)
            channels[channel.name] = channel
        else:
            missing = setting if settings.twilio_account_sid else "SAHI_TWILIO_ACCOUNT_SID"
            log.warning("channel_off", channel=channel_type.__name__, missing=missing)
    if settings.sms_gateway_send_url:
        channels[SmsGateway.name] = SmsGateway(settings)
    if settings.environment == "development":
        for name, limits in (("phone-whatsapp", WHATSAPP), ("phone-sms", SMS)):
            channels[name] = Simulator(name, limits)
    return channels
