"""Numbers that name a person or an account, told from other numbers by their check digits. Pure functions of text."""

from __future__ import annotations

from collections.abc import Sequence

HETU_LETTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def digits(text: str) -> list[int]:
    """Digits of any script: Arabic-Indic ones count like ours."""
    return [int(letter) for letter in text if letter.isdecimal()]


def plausible_day(day: int, month: int) -> bool:
    return 1 <= day <= 31 and 1 <= month <= 12


def weighted(numbers: Sequence[int], weights: Sequence[int]) -> int:
    return sum(number * weight for number, weight in zip(numbers, weights, strict=False))


def iban(text: str) -> bool:
    """ISO 13616: the number, moved and spelled in digits, leaves 1 when divided by 97."""
    letters = "".join(letter for letter in text.upper() if letter.isalnum())
    if not 15 <= len(letters) <= 34:
        return False
    return int("".join(str(int(letter, 36)) for letter in letters[4:] + letters[:4])) % 97 == 1


def luhn(text: str) -> bool:
    """Payment cards and Swedish numbers: every second digit doubled, sum divisible by 10."""
    numbers = digits(text)[::-1]
    doubled = [sum(divmod(2 * number, 10)) for number in numbers[1::2]]
    return bool(numbers) and (sum(numbers[::2]) + sum(doubled)) % 10 == 0


def card(text: str) -> bool:
    return 13 <= len(digits(text)) <= 19 and luhn(text)


def finnish(text: str) -> bool:
    """Henkilötunnus: day, month, year, sign of the century, three digits, check character modulo 31."""
    plain = text.upper()
    numbers = digits(plain[:10])
    value = int("".join(map(str, numbers)))
    return plausible_day(int(plain[:2]), int(plain[2:4])) and HETU_LETTERS[value % 31] == plain[-1]


def swedish(text: str) -> bool:
    """Personnummer: its last ten digits pass Luhn and begin with a date (days of co-ordination numbers are + 60)."""
    numbers = digits(text)[-10:]
    month, day = 10 * numbers[2] + numbers[3], 10 * numbers[4] + numbers[5]
    return plausible_day(day - 60 if day > 60 else day, month) and luhn("".join(map(str, numbers)))


def norwegian(text: str) -> bool:
    """Fødselsnummer: two check digits modulo 11."""
    numbers = digits(text)
    first = -weighted(numbers, (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11
    second = -weighted(numbers, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return len(numbers) == 11 and numbers[9] == first and numbers[10] == second


def danish(text: str) -> bool:
    """CPR: since 2007 without a check digit, so a date and the hyphen have to do."""
    numbers = digits(text)
    return len(numbers) == 10 and plausible_day(10 * numbers[0] + numbers[1], 10 * numbers[2] + numbers[3])


def estonian(text: str) -> bool:
    """Isikukood, also Lithuania's: check digit modulo 11 with a second row of weights where the first gives 10."""
    numbers = digits(text)
    if len(numbers) != 11 or not plausible_day(10 * numbers[5] + numbers[6], 10 * numbers[3] + numbers[4]):
        return False
    check = weighted(numbers[:10], (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if check == 10:
        check = weighted(numbers[:10], (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    return numbers[10] == check


def polish(text: str) -> bool:
    """PESEL: weights 1 3 7 9."""
    numbers = digits(text)
    return len(numbers) == 11 and -weighted(numbers[:10], (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10 == numbers[10]


def spanish(text: str) -> bool:
    """DNI and NIE: the letter is the number modulo 23; X, Y, Z stand for 0, 1, 2."""
    plain = text.upper().replace("-", "").replace(" ", "")
    number = plain[:-1].translate(str.maketrans("XYZ", "012"))
    return number.isdecimal() and DNI_LETTERS[int(number) % 23] == plain[-1]


def french(text: str) -> bool:
    """NIR: two digits are 97 minus the rest modulo 97; Corsica's 2A and 2B count as 19 and 18."""
    plain = text.upper().replace(" ", "").replace("2A", "19").replace("2B", "18")
    return plain.isdecimal() and len(plain) == 15 and 97 - int(plain[:13]) % 97 == int(plain[13:])


def dutch(text: str) -> bool:
    """BSN: nine digits, weighted 9 to 2 and -1, divisible by 11."""
    numbers = digits(text)
    return len(numbers) == 9 and any(numbers) and weighted(numbers, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def italian(text: str) -> bool:
    """Codice fiscale: a check letter over odd and even places."""
    plain = text.upper()
    odd = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                   (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8,
                    12, 14, 16, 10, 22, 25, 24, 23), strict=True))  # fmt: skip
    even = {letter: int(letter, 36) - (0 if letter.isdecimal() else 10) for letter in odd}
    total = sum(odd[letter] if place % 2 == 0 else even[letter] for place, letter in enumerate(plain[:15]))
    return chr(ord("A") + total % 26) == plain[15]


def belgian(text: str) -> bool:
    """Rijksregisternummer: two digits are 97 minus the rest modulo 97, with a 2 before the rest for births since 2000."""
    plain = "".join(map(str, digits(text)))
    if len(plain) != 11 or not plausible_day(int(plain[4:6]) or 1, int(plain[2:4]) % 20 or 1):
        return False
    return any(97 - int(before + plain[:9]) % 97 == int(plain[9:]) for before in ("", "2"))


def german(text: str) -> bool:
    """Steuerliche Identifikationsnummer: eleven digits, ISO 7064 MOD 11,10."""
    numbers = digits(text)
    if len(numbers) != 11 or numbers[0] == 0:
        return False
    product = 10
    for number in numbers[:10]:
        product = ((number + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == numbers[10]


def swiss(text: str) -> bool:
    """AHV-Nummer: thirteen digits after 756, check digit as in EAN-13."""
    numbers = digits(text)
    return len(numbers) == 13 and weighted(numbers, (1, 3) * 6 + (1,)) % 10 == 0


def austrian(text: str) -> bool:
    """Sozialversicherungsnummer: the fourth of ten digits is the weighted rest modulo 11; the last six are a day."""
    numbers = digits(text)
    if len(numbers) != 10 or not plausible_day(10 * numbers[4] + numbers[5], 10 * numbers[6] + numbers[7]):
        return False
    return weighted(numbers, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11 == numbers[3]


def icelandic(text: str) -> bool:
    """Kennitala: a day, then a check digit modulo 11 in the ninth place."""
    numbers = digits(text)
    if len(numbers) != 10 or not plausible_day(10 * numbers[0] + numbers[1], 10 * numbers[2] + numbers[3]):
        return False
    return -weighted(numbers, (3, 2, 7, 6, 5, 4, 3, 2)) % 11 == numbers[8]


def czech(text: str) -> bool:
    """Rodné číslo, also Slovakia's: ten digits divisible by 11; months of women are + 50."""
    numbers = digits(text)
    month, day = 10 * numbers[2] + numbers[3], 10 * numbers[4] + numbers[5]
    return len(numbers) == 10 and plausible_day(day, month % 50) and int("".join(map(str, numbers))) % 11 == 0
