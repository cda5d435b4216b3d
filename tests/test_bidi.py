"""How do both ways of writing stand in one line?"""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booklet.bidi import STRETCH, as_read, isolated

MARKED = re.compile(r'<span dir="ltr">(.*?)</span>')


def marked(text: str) -> list[str]:
    """The stretches of a paragraph that are marked up."""
    return MARKED.findall(isolated(f"<p>{text}</p>"))


@pytest.mark.parametrize(
    ("text", "stretches"),
    [
        ("خذ 1 mg أو 500 mg", ["1\u00a0mg", "500\u00a0mg"]),
        ("حرارتك 37.5°C أو أعلى (38 °C)", ["37.5°C", "38\u00a0°C"]),
        ("اتصل بالرقم 0808 808 00 00.", ["0808\u00a0808\u00a000\u00a000"]),
        ("اتصل بالرقم +44 (0)20 7946 0000، ثم", ["+44\u00a0(0)20\u00a07946\u00a00000"]),
        ("من 8 صباحًا إلى 8 مساءً", ["8", "8"]),
        ("وSC039907 في", ["SC039907"]),
        ("انظر https://example.org/a-b/ هنا", ["https://example.org/a-b/"]),
        ("اكتب إلى name@example.org.", ["name@example.org"]),
        ("خذ 1–2 حبة، 5% أو 120/80", ["1–2", "5%", "120/80"]),
        ("خذ ٣٨٫٥ أو ٥–١٠ أو ۳۸", ["۳۸"]),
        (
            "اتصل (020) 7946 0000 أو (0)20 7946 0000",
            ["(020)\u00a07946\u00a00000", "(0)20\u00a07946\u00a00000"],
        ),
        ("أقل من -5°C أو ±5 mg أو ≥ 8 kPa", ["-5°C", "±5\u00a0mg", "≥\u00a08\u00a0kPa"]),
        ("عند pH&lt;7.4 أو 1 : 1000", ["pH&lt;7.4", "1\u00a0:\u00a01000"]),
        ("من 5—10 mg أو 10^9 أو 50 %", ["5—10\u00a0mg", "10^9", "50\u00a0%"]),
        ("ورم HER2+ أو Oncovin® أو", ["HER2+", "Oncovin®"]),
        ("خذ 5\u200e mg أو 1\u2009mg أو", ["5\u200e\u00a0mg", "1\u2009mg"]),
        ("كمية 50 mg/m² أو 1½ mg أو ½ mg", ["50\u00a0mg/m²", "1½\u00a0mg", "½\u00a0mg"]),
        ("نوع lympho\u00adblastic", ["lympho\u00adblastic"]),
        ("فحص TPMT [gene] test أو A (B (C)) D", ["TPMT\u00a0[gene]\u00a0test", "A\u00a0(B\u00a0(C))\u00a0D"]),
        ("كتاب Talk “Big” Book أو", ["Talk\u00a0“Big”\u00a0Book"]),
        ("موقع https://a.org/%20x/?q=1&amp;b=%C3 أو", ["https://a.org/%20x/?q=1&amp;b=%C3"]),
        ("الباراسيتامول (paracetamol) أو", ["paracetamol"]),
        ("Macmillan Cancer Support و A&amp;E", ["Macmillan\u00a0Cancer\u00a0Support", "A&amp;E"]),
        ("B12 · الإصدار", ["B12"]),
        ("≥5 أو −3 أو £5.50", ["≥5", "−3", "£5.50"]),
        ("(صفحة \ue000_local\ue001)", ["\ue000_local\ue001"]),
        ("«What is ALL?» أو", ["What\u00a0is\u00a0ALL?"]),
        ("Acute lymphoblastic leukaemia أو", ["Acute lymphoblastic leukaemia"]),
        ("خذ 2 mg. 3 مرات", ["2\u00a0mg", "3"]),
        ("اتصل بالرقم 999. 24 ساعة", ["999", "24"]),
        ("إلى 2 mg: 3 حبات أو 1, 2 ثم 5 mg/2", ["2\u00a0mg", "3", "1", "2", "5\u00a0mg/2"]),
        ("كتب Dr. Ann Bell أو E. coli أو", ["Dr.\u00a0Ann\u00a0Bell", "E.\u00a0coli"]),
        ("Care Excellence. Sepsis أو", ["Care\u00a0Excellence.\u00a0Sepsis"]),
        ("أو «أو» (أو) ثم", []),
    ],
)
def test_numbers_doses_names_and_addresses_are_marked_up(text: str, stretches: list[str]) -> None:
    assert marked(text) == stretches


def test_a_title_above_the_text_has_signs_in_it() -> None:
    page = isolated('<body><h2 id="dose">خذ 1 mg &amp; أكثر</h2></body>')
    assert 'data-said="خذ \u20661\u00a0mg\u2069 &amp; أكثر"' in page


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("خذ <strong>5</strong> mg", '<span dir="ltr"><strong>5</strong>\u00a0mg</span>'),
        ("خذ 1 <strong>mg</strong> أو", '<span dir="ltr">1\u00a0<strong>mg</strong></span> أو'),
        ("<em>خذ 5</em> mg", '<em>خذ<span> </span></em><span dir="ltr"><em>5</em>\u00a0mg</span>'),
        ('إلى <a href="x">NHS</a> UK', '<span dir="ltr"><a href="x" dir="ltr">NHS</a>\u00a0UK</span>'),
        ('<span class="further">خذ 5</span> mg', 'خذ<span> </span><span dir="ltr">5</span></span>'),
        (
            'على <a href="x">NHS</a><span class="behind"> (www.a.org)</span> أو',
            '<a href="x" dir="ltr">NHS</a><span class="behind"> (<span dir="ltr">www.a.org</span>)</span> أو',
        ),
        (
            'من <a href="x">ALL فهم</a> 5 mg',
            '<a href="x">\u2066ALL\u2069 فهم</a> <span dir="ltr">5',
        ),
        ("5 mg<br>7 mg أو", '<span dir="ltr">5\u00a0mg</span><br><span dir="ltr">7\u00a0mg</span> أو'),
    ],
)
def test_a_stretch_goes_on_through_bold_words_and_links(text: str, expected: str) -> None:
    assert expected in isolated(f"<p>{text}</p>")


@pytest.mark.parametrize("repeated", ["1+", "1%", "1 ", "a.", "1 ("])
def test_a_bracket_that_does_not_end_takes_no_time(repeated: str) -> None:
    assert marked(f"أ (1 {repeated * 2000}")


def test_a_space_before_a_stretch_is_an_element_of_its_own() -> None:
    assert isolated("<p>خذ 1 mg</p>") == '<p>خذ<span> </span><span dir="ltr">1\u00a0mg</span></p>'


def test_a_number_stays_on_the_line_of_what_is_counted() -> None:
    assert isolated("<p>بعد 30 دقيقة</p>").endswith('<span dir="ltr">30</span>\u00a0دقيقة</p>')
    assert isolated("<p>بعد 1 mg أو</p>").endswith('<span dir="ltr">1\u00a0mg</span> أو</p>')


def test_a_paragraph_without_a_letter_that_runs_leftwards_is_one_stretch() -> None:
    cited = 'NICE. <a href="x">Sepsis (CG151)</a><span> (nice.org)</span>'
    wrapped = f'<li><span class="other-way" dir="ltr">{cited}</span></li>'
    assert isolated(f"<li>{cited}</li><p>  </p>") == f"{wrapped}<p>  </p>"


def test_a_link_holds_text_alone_and_so_gets_a_direction_or_signs() -> None:
    page = '<p>أو <a href="x">0808 808</a> و<a href="y">انظر CG151</a></p>'
    assert isolated(page) == (
        '<p>أو <a href="x" dir="ltr">0808\u00a0808</a> و<a href="y">انظر \u2066CG151\u2069</a></p>'
    )


def test_what_stands_in_the_margins_has_signs() -> None:
    page = '<body class="a" data-running="حرارتك" data-edition="HI104 · الإصدار 1.0">'
    assert isolated(page) == (
        '<body class="a" data-running="حرارتك" data-edition="\u2066HI104\u2069 · الإصدار \u20661.0\u2069">'
    )


def test_styles_titles_and_drawings_are_left_alone() -> None:
    page = (
        "<!DOCTYPE html><head><title>أو 1</title><style>a{b:1}</style></head><svg><title>أو 2</title></svg>"
    )
    assert isolated(page) == page


@settings(deadline=None)
@given(st.text(alphabet="ابج 019.,-/()ab&<>'\"°C\u00a0،", max_size=60))
def test_no_letter_is_lost_or_added(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    page = isolated(f"<p>{escaped}</p>")
    plain = re.sub(r"<[^>]*>", "", page).replace("\u00a0", " ")
    text = text.replace("\u00a0", " ")
    assert plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


@settings(deadline=None)
@given(st.text(alphabet="a1 .,-/()", max_size=2_000))
def test_a_stretch_is_found_at_once_in_any_text(text: str) -> None:
    assert all(found[0] for found in STRETCH.finditer(text * 20))


def places(visual: str) -> tuple[list[str], list[float]]:
    """Letters and their places, as they stand from left to right."""
    return list(visual), [float(at) for at in range(len(visual))]


@pytest.mark.parametrize(
    ("visual", "read"),
    [
        ("0808 808", "0808 808"),
        ("بجا", "اجب"),
        ("بج 38.5 ا", "ا 38.5 جب"),
        ("بج Ab 5 ا", "ا 5 Ab جب"),
        (".بجا", "اجب."),
    ],
)
def test_a_line_is_read_from_its_letters_places(visual: str, read: str) -> None:
    letters, at = places(visual)
    order = as_read(letters, at, [False] * len(letters))
    assert "".join(letters[index] for index in order) == read
    # Whatever order pdfium gives them in.
    turned = as_read(letters[::-1], at[::-1], [False] * len(letters))
    assert "".join(letters[::-1][index] for index in turned) == read


def test_what_has_no_width_is_read_behind_the_letter_that_it_is_drawn_with() -> None:
    letters = [".", "\u064f", "\u0651", "م", "ه"]
    order = as_read(letters, [0, 5, 5.05, 5.02, 9], [False, True, True, False, False])
    assert "".join(letters[index] for index in order) == "هم\u064f\u0651."
