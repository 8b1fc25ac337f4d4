"""What can go wrong on this side.

BotError
├── UnusableVariants   the published variants cannot be read or made into an index
├── TrialGone          a trial that is not, or not any more, there to be asked
├── NoSuchForm         the model has no form of that name
├── ModelMissing       there is no trained model to answer with
└── TrainingFailed     the model of the acts could not be trained
"""


class BotError(Exception):
    """Base of all errors that this side raises on purpose."""


class UnusableVariants(BotError):
    """The variants break the contract or are too few; the index in use stays."""


class TrialGone(BotError):
    """The trial is still learning, has failed or has ended; the message says which."""


class ModelMissing(BotError):
    """No model under `bot/models`; `python -m bot.train` makes one."""


class TrainingFailed(BotError):
    """The message says what could not be used for training."""


class NoSuchForm(BotError):
    """The model has no form of that name: api and bot are of different releases."""
