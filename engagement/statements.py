"""The statement of reasons that the author of a moderated text reads (DSA Art. 17): ground, facts, rule, redress."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

from engagement.languages import direction
from engagement.models import Ruling

Ground = Ruling.Ground
RULES: dict[str, Promise] = {
    Ground.PERSONAL_DATA: _("Rule 1 of this site: nobody is named or shown without having agreed (GDPR, Article 6)."),
    Ground.INSULT: _("Rule 2 of this site: people are not insulted or threatened."),
    Ground.UNLAWFUL: _("Rule 3 of this site: nothing is published that the law forbids."),
    Ground.ADVERTISING: _("Rule 4 of this site: nothing is sold or advertised here."),
    Ground.OFF_TOPIC: _("Rule 5 of this site: remarks are about the place and the question of the project."),
    Ground.DUPLICATE: _("Rule 6 of this site: what several people say is shown once."),
}
CANNED: dict[str, Promise] = {
    Ground.PERSONAL_DATA: _("The text or picture lets others recognise a person."),
    Ground.INSULT: _("The words attack a person or a group."),
    Ground.UNLAWFUL: _("The content calls for or shows something that is forbidden by law."),
    Ground.ADVERTISING: _("The text promotes a product, a service or a shop."),
    Ground.OFF_TOPIC: _("The text is about another subject than this project."),
    Ground.DUPLICATE: _("Another remark says the same; it is shown for both."),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """A ruling in words, in one language."""

    language: str
    direction: str
    headline: str
    ground: str = ""
    facts: str = ""
    rule: str = ""
    redress: str = ""


def language_of(ruling: Ruling) -> str:
    """The author's language where the site speaks it, else the reader's."""
    return ruling.language if ruling.language in dict(settings.LANGUAGES) else (get_language() or "en")


def compose(ruling: Ruling) -> Statement:
    """The statement in the author's language. An approval says only that; a rejection states all four parts."""
    language = language_of(ruling)
    with override(language):
        if ruling.outcome == Ruling.Outcome.APPROVED and ruling.original:
            said = gettext("A moderator read it and published it. Words that could name somebody were blanked.")
            return Statement(language, direction(language), said)
        if ruling.outcome == Ruling.Outcome.APPROVED:
            return Statement(language, direction(language), gettext("A moderator read it and published it."))
        return Statement(
            language=language,
            direction=direction(language),
            headline=gettext("A moderator read it and did not publish it. Your choices count all the same."),
            ground=str(Ground(ruling.ground).label),
            facts=ruling.reason,
            rule=str(RULES[ruling.ground]),
            redress=gettext(
                "A person decided this, no machine. If you think it is wrong, ask for a second look on this page within "
                "six months: another person will decide. You can also turn to a court or a dispute body."
            ),
        )
