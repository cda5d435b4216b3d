"""How does English write numbers, what it counts, how often, and days? In tables, as dictionaries have them.

All words are in small letters, but for the names of days and months.
"""

from calendar import day_abbr, day_name, month_abbr, month_name


def _listed(words: str) -> tuple[str, ...]:
    """The words of a line."""
    return tuple(words.split())


_ONES = _listed("one two three four five six seven eight nine")
_TEENS = _listed("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
_TENS = _listed("twenty thirty forty fifty sixty seventy eighty ninety")

#: Numbers below twenty, the tens, and what they are multiplied by.
ONES = {word: number for number, word in enumerate(_ONES, 1)}
SMALL = {"zero": 0} | ONES | {word: number for number, word in enumerate(_TEENS, 10)}
TENS = {word: 10 * number for number, word in enumerate(_TENS, 2)}
SCALES = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}

#: Parts of a whole, by what it is divided by.
PARTS = {"half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4}

#: The bounds of an amount, by their signs.
BOUNDS = {
    "up to": "≤",
    "at most": "≤",
    "no more than": "≤",
    "not more than": "≤",
    "at least": "≥",
    "no less than": "≥",
    "not less than": "≥",
    "more than": ">",
    "less than": "<",
    "fewer than": "<",
}

#: How many times.
TIMES = {"once": "1", "twice": "2", "thrice": "3"}

_ORDINALS = _listed("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth")
ORDINALS = {word: str(number) for number, word in enumerate(_ORDINALS, 1)}

#: How often, by what it is once in.
OFTEN = {
    "hourly": "hour",
    "daily": "day",
    "nightly": "night",
    "weekly": "week",
    "fortnightly": "fortnight",
    "monthly": "month",
    "yearly": "year",
    "annually": "year",
}

#: Words for times that CLDR has no unit for, and what they are short for.
SPANS = {
    **{name: name for name in ("fortnight", "night", "morning", "afternoon", "evening", "meal", "mealtime")},
    **dict.fromkeys(("h", "hr", "hrs"), "hour"),
    **dict.fromkeys(("min", "mins"), "minute"),
    **dict.fromkeys(("sec", "secs"), "second"),
    **dict.fromkeys(("wk", "wks"), "week"),
    **dict.fromkeys(("yr", "yrs"), "year"),
    "d": "day",
} | {f"{name}s": name for name in ("fortnight", "night", "morning", "afternoon", "evening", "meal")}

#: Names of units beside those of CLDR, with their signs; each may end in s.
UNIT_NAMES = {
    "picogram": "pg",
    "nanogram": "ng",
    "microlitre": "μl",
    "decilitre": "dl",
    "millimole": "mmol",
    "micromole": "μmol",
    "mole": "mol",
    "teaspoon": "tsp",
    "teaspoonful": "tsp",
    "tablespoon": "tbsp",
    "tablespoonful": "tbsp",
    "dessertspoon": "dessertspoon",
    "unit": "unit",
    "international unit": "IU",
    "becquerel": "Bq",
    "kilobecquerel": "kBq",
    "megabecquerel": "MBq",
    "gigabecquerel": "GBq",
    "millisievert": "mSv",
    "gray": "Gy",
    "calorie": "cal",
    "kilocalorie": "kcal",
    "joule": "J",
    "kilojoule": "kJ",
    "degree": "°",
    "degrees celsius": "°C",
    "degrees fahrenheit": "°F",
    "ounce": "oz",
    "fluid ounce": "fl oz",
    "pound": "lb",
    "stone": "stone",
    "pint": "pint",
    "inch": "inch",
    "inches": "inch",
    "foot": "foot",
    "feet": "foot",
    "mile": "mile",
    "cc": "ml",
    "mcg": "μg",
    "percent": "%",
    "per cent": "%",
}

#: What medicine is given in, one and several. `a tablet` says one of them.
DOSES = {
    "tablet": "tablets",
    "capsule": "capsules",
    "pill": "pills",
    "caplet": "caplets",
    "lozenge": "lozenges",
    "drop": "drops",
    "puff": "puffs",
    "spray": "sprays",
    "squirt": "squirts",
    "inhalation": "inhalations",
    "patch": "patches",
    "sachet": "sachets",
    "spoonful": "spoonfuls",
    "spoon": "spoons",
    "ampoule": "ampoules",
    "vial": "vials",
    "pen": "pens",
    "injection": "injections",
    "infusion": "infusions",
    "suppository": "suppositories",
    "pessary": "pessaries",
    "enema": "enemas",
    "dose": "doses",
    "jab": "jabs",
    "vaccine": "vaccines",
    "vaccination": "vaccinations",
    "transfusion": "transfusions",
    "scoop": "scoops",
    "bottle": "bottles",
    "cup": "cups",
    "glass": "glasses",
}

#: What else is counted in leaflets, one and several.
COUNTED = DOSES | {
    "time": "times",
    "person": "people",
    "patient": "patients",
    "adult": "adults",
    "child": "children",
    "baby": "babies",
    "woman": "women",
    "man": "men",
    "case": "cases",
    "visit": "visits",
    "appointment": "appointments",
    "session": "sessions",
    "treatment": "treatments",
    "cycle": "cycles",
    "course": "courses",
    "test": "tests",
    "scan": "scans",
    "operation": "operations",
    "stitch": "stitches",
    "step": "steps",
    "stage": "stages",
    "trimester": "trimesters",
    "portion": "portions",
    "slice": "slices",
    "drink": "drinks",
    "cigarette": "cigarettes",
    "pillow": "pillows",
    "breath": "breaths",
    "beat": "beats",
    "push-up": "push-ups",
    "stair": "stairs",
    "repetition": "repetitions",
    "bed": "beds",
    "ward": "wards",
    "page": "pages",
    "copy": "copies",
}

#: Words that never stand between a number and what it counts, as `white` does in 2 white tablets.
APART = frozenset(
    _listed(
        "a about after again ago all also an and any are as at be because been before but by can could "
        "day days do each either else every for from give go had has have he her his hour hours how if in "
        "into is it its later less may month months more most must my need needs no not now of off on "
        "once only or other our out over own per see she should since so some stop swallow take taken "
        "takes than that the their them then there these they this those to too under until up use was we "
        "week weeks were when where which while will with without year years you your"
    )
)

#: `a` before a time says how long behind these, and where one of the others follows; else how often.
LASTING = _listed("for in within after about over under until of than every from around least most")
FOLLOWING = _listed("before after later ago earlier apart or long from beforehand afterwards")

WEEKDAYS = tuple(day_name)
MONTHS = tuple(month_name)[1:]
#: Their short forms.
SHORT_DAYS = dict(zip(day_abbr, day_name, strict=True)) | {
    "Tues": "Tuesday",
    "Thur": "Thursday",
    "Thurs": "Thursday",
}
SHORT_MONTHS = dict(zip(tuple(month_abbr)[1:], MONTHS, strict=True)) | {"Sept": "September"}
#: Names that are words, too, and short forms that are.
UNCLEAR = frozenset({"May", "March", "Sat", "Sun"})
