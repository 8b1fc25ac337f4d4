"""Asking a draft: the words of its document, and a trial of the bot where it must learn."""

from dataclasses import dataclass

from api.content.catalogue import Catalogue
from api.editorial import golden_runs
from api.editorial.drafts import Draft
from api.errors import BotUnavailable, TrialGone
from api.services import Services
from api.trial.asking import Asked, Before, ask, trial_bot
from api.trial.draft_state import entries, understood_alike, with_draft


@dataclass(frozen=True)
class Learning:
    """Why a draft cannot be asked yet.

    Attributes:
        seconds: for how long the bot has been learning it.
        busy: a golden run needs the bot's one trial now.
    """

    seconds: float = 0.0
    busy: bool = False


def ask_draft(
    services: Services,
    draft: Draft,
    text: str,
    *,
    language: str | None = None,
    channel: str = "phone-whatsapp",
    before: Before | None = None,
) -> Asked | Learning:
    """What would be answered to a text if the draft were published.

    A draft with other ways to ask or titles has to be learnt by the bot first; asking again
    after some seconds goes on with what was begun.

    Raises:
        ContentError: the draft is not complete enough to answer from.
        BotUnavailable: the bot did not answer, or could not learn it.
    """
    with services.store.read() as session:
        published = services.keeper.current(session)
        busy = golden_runs.is_running(session)
    catalogue = with_draft(published, draft)
    trial = None
    if not understood_alike(published, catalogue, draft.topic_id):
        if busy:
            return Learning(busy=True)
        found = _trial(services, catalogue, draft.topic_id)
        if isinstance(found, Learning):
            return found
        trial = found
    try:
        return ask(
            services,
            text,
            language=language,
            channel=channel,
            catalogue=catalogue,
            trial=trial,
            before=before,
        )
    except TrialGone:
        return Learning()


def _trial(services: Services, catalogue: Catalogue, topic_id: str) -> str | Learning:
    bot = trial_bot(services)
    trial_id = bot.start_trial(entries(catalogue, topic_id))
    found = bot.trial(trial_id)
    if found is None or found.state == "building":
        return Learning(found.seconds if found else 0.0)
    if found.state == "failed":
        raise BotUnavailable("the trial failed")
    return trial_id
