"""The demo's two projects: a real question in the real centre of Helsinki, and one of a small town."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.contrib.gis.geos import Polygon
from django.utils import timezone

from engagement.models import Charter, Phase, Poster, Project


@dataclass(frozen=True)
class Plan:
    """What a demo project is made of. ``days``: per phase, first and last day from today."""

    slug: str
    title: dict[str, str]
    summary: dict[str, str]
    place_name: dict[str, str]
    languages: list[str]
    charter: dict[str, Any]
    decide_in_days: int
    days: dict[str, tuple[int, int]]
    poster: str
    area: tuple[float, float, float, float] | None = None
    scene_slug: str = ""
    notes: dict[str, dict[str, str]] = field(default_factory=dict)


PITKASILTA = Plan(
    slug="pitkasilta",
    title={
        "en": "What if Pitkäsilta closed for two years?",
        "fi": "Entä jos Pitkäsilta suljettaisiin kahdeksi vuodeksi?",
        "sv": "Tänk om Långa bron stängdes i två år?",
        "ar": "ماذا لو أُغلق جسر بيتكاسيلتا سنتين؟",
    },
    summary={
        "en": "The bridge needs repair. See what it would do to your street, and say what matters to you. "
        "Six questions, four minutes, no account.",
        "fi": "Silta on korjattava. Katso, miten se vaikuttaisi katuusi, ja kerro, mikä sinulle on tärkeää. "
        "Kuusi kysymystä, neljä minuuttia, ei tunnuksia.",
        "sv": "Bron måste repareras. Se vad det skulle göra med din gata och berätta vad som är viktigt för dig. "
        "Sex frågor, fyra minuter, inget konto.",
        "ar": "الجسر بحاجة إلى إصلاح. شاهد أثر ذلك على شارعك وقل ما يهمّك. ستة أسئلة، أربع دقائق، بلا حساب.",
    },
    place_name={
        "en": "Kaisaniemi and Siltasaari",
        "fi": "Kaisaniemi ja Siltasaari",
        "sv": "Kajsaniemi och Broholmen",
        "ar": "كايسانييمي وسيلتاساري",
    },
    languages=["fi", "sv", "en", "ar"],
    charter={
        "problem": {
            "en": "The vaults of the bridge are worn. Repair takes two years. The city must choose how it closes.",
            "fi": "Sillan holvit ovat kuluneet. Korjaus kestää kaksi vuotta. Kaupungin on valittava, miten silta suljetaan.",
            "sv": "Brons valv är slitna. Reparationen tar två år. Staden måste välja hur bron stängs.",
            "ar": "أقواس الجسر متآكلة، والإصلاح يستغرق سنتين. على المدينة أن تختار كيفية الإغلاق.",
        },
        "use_of_answers": {
            "en": "Your answers weigh what counts in the comparison: travel time, quiet, clean air, safe crossing, reach. "
            "They do not change the traffic model.",
            "fi": "Vastauksesi painottavat vertailua: matka-aika, hiljaisuus, puhdas ilma, turvallinen ylitys, saavutettavuus. "
            "Liikennemallia ne eivät muuta.",
            "sv": "Dina svar avgör vad som väger i jämförelsen: restid, tystnad, ren luft, trygg övergång, nåbarhet. "
            "De ändrar inte trafikmodellen.",
            "ar": "إجاباتك تحدّد وزن كل جانب في المقارنة: زمن التنقل، الهدوء، الهواء النظيف، العبور الآمن، سهولة الوصول. "
            "ولا تغيّر نموذج المرور.",
        },
        "decider": "Urban Environment Committee (demonstration)",
        "data_at_hand": {
            "en": "Map of the centre from OpenStreetMap; twelve simulated sensors.",
            "fi": "Keskustan kartta OpenStreetMapista; kaksitoista simuloitua anturia.",
            "sv": "Karta över centrum från OpenStreetMap; tolv simulerade sensorer.",
            "ar": "خريطة وسط المدينة من OpenStreetMap، واثنا عشر مستشعرًا محاكى.",
        },
    },
    decide_in_days=69,
    days={"measure": (-30, -9), "ask": (-8, 21), "compare": (22, 45), "decide": (46, 69)},
    notes={
        "measure": {
            "en": "Twelve sensors counted traffic and measured the air for three weeks.",
            "fi": "Kaksitoista anturia laski liikennettä ja mittasi ilmaa kolmen viikon ajan.",
            "sv": "Tolv sensorer räknade trafik och mätte luften i tre veckor.",
            "ar": "أحصى اثنا عشر مستشعرًا حركة المرور وقاس الهواء ثلاثة أسابيع.",
        }
    },
    poster="pitka",
    area=(24.9420, 60.1705, 24.9530, 60.1790),
    scene_slug="helsinki",
)

KIRKONKYLA = Plan(
    slug="kirkonkyla",
    title={
        "en": "How do we make Kirkkotie a safe way to school?",
        "fi": "Miten Kirkkotiestä tulee turvallinen koulutie?",
        "sv": "Hur blir Kyrkovägen en trygg skolväg?",
        "ar": "كيف نجعل شارع كيركوتيه طريقًا آمنًا إلى المدرسة؟",
    },
    summary={
        "en": "A village of 900 people asks its own. Five questions, two minutes.",
        "fi": "Yhdeksänsadan asukkaan kylä kysyy omiltaan. Viisi kysymystä, kaksi minuuttia.",
        "sv": "En by med niohundra invånare frågar sina egna. Fem frågor, två minuter.",
        "ar": "قرية من 900 نسمة تسأل أهلها. خمسة أسئلة، دقيقتان.",
    },
    place_name={"en": "Church village", "fi": "Kirkonkylä", "sv": "Kyrkbyn", "ar": "قرية الكنيسة"},
    languages=["fi", "sv", "en", "ar"],
    charter={
        "problem": {
            "en": "Children walk beside a road without a path.",
            "fi": "Lapset kävelevät tien reunassa, koska polkua ei ole.",
            "sv": "Barnen går längs en väg utan gångbana.",
            "ar": "يسير الأطفال بمحاذاة طريق بلا رصيف.",
        },
        "use_of_answers": {
            "en": "They decide which measure the village pays for first.",
            "fi": "Ne ratkaisevat, minkä toimen kylä maksaa ensin.",
            "sv": "De avgör vilken åtgärd byn betalar först.",
            "ar": "تحدّد الإجراء الذي تموّله القرية أولًا.",
        },
        "decider": "Village council (demonstration)",
    },
    decide_in_days=40,
    days={"ask": (-20, -1), "compare": (0, 20), "decide": (21, 40)},
    poster="kirkko",
)


def load(plan: Plan) -> Project:
    """Make the project with charter, phases and poster, or find it."""
    project, created = Project.objects.get_or_create(
        slug=plan.slug,
        defaults={
            "title": plan.title,
            "summary": plan.summary,
            "place_name": plan.place_name,
            "languages": plan.languages,
            "scene_slug": plan.scene_slug,
            "area": Polygon.from_bbox(plan.area) if plan.area else None,
            "simulated": True,
        },
    )
    if created:
        today = timezone.localdate()
        Charter.objects.create(project=project, decide_by=_day(today, plan.decide_in_days), **plan.charter)
        for kind, (first, last) in plan.days.items():
            Phase.objects.create(
                project=project,
                kind=kind,
                opens_on=_day(today, first),
                closes_on=_day(today, last),
                note=plan.notes.get(kind, {}),
            )
        Poster.objects.create(code=plan.poster, project=project, survey_slug=plan.slug, place_name=plan.place_name)
        project.published = True
        project.save(update_fields=["published"])
    return project


def _day(today: date, days: int) -> date:
    return today + timedelta(days=days)
