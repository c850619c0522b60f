from __future__ import annotations

import pytest

from privacy.scrub import BLANK, scrub_text

# Invented people; the numbers pass their checks because they were computed to.
TELLING = {
    "e-mail": [
        "Kirjoita minulle: maija.meikalainen@example.fi kiitos",
        "write to a.b+bridge@mail.example.co.uk",
        "sven (at) exempel.se",
    ],
    "address on the web": ["see https://example.org/u/anna?id=3", "www.example.fi/kuva", "find me as @bridge_anna"],
    "phone": [
        "soita 040 123 4567",
        "puh. 09-1234567",
        "call +358 40 1234567 after six",
        "ring 0046 70 123 45 67",
        "Tel. +49 (30) 901820",
        "060/1234567",
    ],
    "account": [
        "FI21 1234 5600 0007 85 on tilini",
        "IBAN DE89 3704 0044 0532 0130 00",
        "GB82WEST12345698765432",
        "card 4111 1111 1111 1111",
    ],
    "national number": [
        "hetu 131052-308T",
        "010101A123N syntyi",
        "personnummer 811218-9876",
        "19811218-9876",
        "fødselsnummer 01010750160",
        "CPR 070761-4285",
        "isikukood 37605030299",
        "PESEL 44051401359",
        "DNI 12345678Z",
        "NIE X1234567L",
        "NIR 2 55 08 14 168 025 38",
        "BSN 111222333",
        "codice RSSMRA85T10A562S",
    ],
    "plate": ["auto ABC-123 ajoi päin", "bilen XYZ 12A", "der Wagen HH-AB 1234", "Eesti 123 ABC"],
    "street and number": [
        "asun Siltasaarenkatu 12 A",
        "Hämeentiellä 3 on kuoppa",
        "jag bor på Broholmsgatan 7",
        "Unter Hauptstraße 12b",
        "at 12 Old Bridge Road",
        "12 rue de la Paix 4",
        "calle de Alcalá 5",
    ],
    "name": [
        "Nimeni on Matti Meikäläinen ja asun täällä",
        "Terveisin, Liisa",
        "jag heter Anna-Lena Svensson",
        "My name is John Smith.",
        "Mrs Robinson parks there",
        "Frau Müller weiß es",
        "me llamo Carmen",
        "اسمي فاطمة الزهراء",
    ],
}
HARMLESS = [
    "The bridge was built in 1912 and repaired in 1980 and 2021.",
    "Silta suljettiin 12.3.2024 ja avattiin 24.12.2024.",
    "About 12 000 cars a day, 40 % fewer in winter, 3,5 km longer.",
    "Bussi 23 ja raitiovaunut 3, 6 ja 9 kulkevat sillalla.",
    "The school crossing is dangerous, the light is green for 8 seconds.",
    "Bron är viktig för mig, för jag går över den varje dag.",
    "I would give it 10 out of 10.",
    "Between 7 and 9 o'clock nobody gets through.",
    "الجسر مهم لي لأنني أعبره كل يوم",
]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in TELLING.items() for text in texts])
def test_what_could_name_somebody_is_found_and_blanked(kind: str, text: str) -> None:
    scrubbed = scrub_text(text)
    assert kind in {finding.kind for finding in scrubbed.findings}
    assert BLANK in scrubbed.text


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_remarks_stay_as_they_are(text: str) -> None:
    assert scrub_text(text).text == text


def test_the_rest_of_the_text_stays_word_for_word() -> None:
    text = "The crossing at Siltasaarenkatu 12 is dangerous, ask Mr Virtanen or call 040 1234567!"
    scrubbed = scrub_text(text)
    assert scrubbed.text == f"The crossing at {BLANK} is dangerous, ask {BLANK} or call {BLANK}!"
    assert [text[found.start : found.end] for found in scrubbed.findings] == [
        "Siltasaarenkatu 12",
        "Mr Virtanen",
        "040 1234567",
    ]


def test_numbers_with_a_wrong_check_digit_are_not_taken_for_national_numbers() -> None:
    for wrong in ("131052-308U", "37605030298", "12345678A", "FI21 1234 5600 0007 86"):
        kinds = {finding.kind for finding in scrub_text(f"numero {wrong}").findings}
        assert not kinds & {"national number", "account"}


def test_the_citys_own_streets_are_found_without_a_tell_tale_ending() -> None:
    text = "Illalla Kaisaniemi 4 on pimeä, mutta bussi Linja 4 kulkee"
    assert scrub_text(text).text == text
    scrubbed = scrub_text(text, is_street=lambda name: name == "Kaisaniemi")
    assert scrubbed.text == f"Illalla {BLANK} on pimeä, mutta bussi Linja 4 kulkee"


def test_overlapping_findings_are_blanked_once() -> None:
    scrubbed = scrub_text("mail Mrs anna.virtanen@example.fi")
    assert scrubbed.text.count(BLANK) == 1


def test_an_empty_text_has_nothing_to_hide() -> None:
    assert scrub_text("").findings == ()
