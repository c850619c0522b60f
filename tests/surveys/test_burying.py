from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from engagement import receipts
from engagement.models import Round
from surveys.burying import make_triggers
from surveys.models import Response, Survey, Tombstone, grave
from surveys.receipts import SurveyReceipts
from surveys.responding import accept
from tests.surveys.conftest import sent

pytestmark = pytest.mark.django_db


def test_the_database_itself_refuses_a_withdrawn_response(survey: Survey, asked: Round) -> None:
    given = sent()
    stored = accept(survey, given).response
    SurveyReceipts().withdraw(given.code, receipts.find(given.code))
    with pytest.raises(IntegrityError, match="a withdrawn response stays gone"), transaction.atomic():
        Response.objects.bulk_create([stored])
    assert not Response.objects.exists()


def test_the_tombstone_of_one_response_keeps_no_other_out(survey: Survey, asked: Round) -> None:
    Tombstone.objects.create(pk=grave(uuid4()))
    assert accept(survey, sent()).created


def test_triggers_can_be_made_again() -> None:
    make_triggers()
    make_triggers()
