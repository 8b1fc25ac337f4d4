"""Somebody on WhatsApp and somebody on SMS."""

import pytest

from api.channels.simulator import SMS
from api.content.catalogue import Catalogue
from api.safety.check import SafetyCheck
from tests.reply.people import Person


@pytest.fixture
def person(catalogue: Catalogue, safety: SafetyCheck) -> Person:
    return Person(catalogue, safety)


@pytest.fixture
def sms_person(catalogue: Catalogue, safety: SafetyCheck) -> Person:
    return Person(catalogue, safety, limits=SMS)
