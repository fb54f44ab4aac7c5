import pytest

from lib import images

NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(inner: str, attributes: str = 'width="40" height="20"') -> bytes:
    return f"<svg {NS} {attributes}>{inner}</svg>".encode()


def cleaned(inner: str) -> str:
    return images.clean(svg(inner)).data.decode()


@pytest.mark.parametrize(
    "inner",
    [
        "<script>EVIL</script>",
        "<g onload='EVIL'/>",
        "<rect OnClick='EVIL'/>",
        "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>EVIL</p></foreignObject>",
        "<image href='https://EVIL/x.png'/>",
        "<image xlink:href='//EVIL/x.png'/>",
        "<use href='EVIL.svg#a'/>",
        "<a href='javascript:EVIL'><text>x</text></a>",
        "<image href='data:image/svg+xml;base64,EVIL'/>",
        "<style>@import 'EVIL';</style>",
        "<style>rect{fill:url(https://EVIL)}</style>",
        "<style>rect{fill:u\\72l(https://EVIL)}</style>",
        "<style>rect{background:image-set('https://EVIL' 1x)}</style>",
        "<rect style='fill:url(\"https://EVIL\")'/>",
        "<rect fill='url( https://EVIL )'/>",
        "<set attributeName='href' to='javascript:EVIL'/>",
        "<animate attributeName='href' values='javascript:EVIL'/>",
        "<handler xmlns='http://www.w3.org/2001/svg-events'>EVIL</handler>",
        "<html:script xmlns:html='http://www.w3.org/1999/xhtml'>EVIL</html:script>",
        "<!-- EVIL -->",
        "<?xml-stylesheet href='EVIL'?>",
        "<metadata>EVIL</metadata>",
        "<svg xml:base='https://EVIL/'/>",
    ],
)
def test_what_acts_or_reaches_out_is_removed(inner):
    result = cleaned(inner + "<rect id='kept'/>")
    assert "EVIL" not in result
    assert 'id="kept"' in result


def test_what_draws_is_kept():
    inner = (
        "<defs><linearGradient id='g'><stop offset='0' stop-color='red'/></linearGradient></defs>"
        "<style>.a{fill:url(#g)}</style><rect class='a' style='stroke:blue'/>"
        "<use xlink:href='#g'/><text xml:space='preserve'>文字 &amp; text</text>"
        "<image href='data:image/png;base64,iVBORw0KGgo='/>"
    )
    result = cleaned(inner)
    for part in (
        *("linearGradient", "url(#g)", "stroke:blue", 'href="#g"', "文字 &amp; text"),
        *("data:image/png", "preserve"),
    ):
        assert part in result


def test_foreign_text_and_links_give_way_to_what_they_stand_for():
    """As draw.io writes labels: HTML first, SVG text for those who cannot show it."""
    result = cleaned(
        "<switch><foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>EVIL</p></foreignObject>"
        "<a href='https://EVIL'><text>Label</text></a></switch>"
    )
    assert "EVIL" not in result
    assert "<switch><a><text>Label</text></a></switch>" in result


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="40" height="20"', (40, 20)),
        ('width="1in" height="72pt"', (96, 96)),
        ('width="100%" height="100%" viewBox="0 0 300 100"', (300, 100)),
        ('width="150" viewBox="0 0 300 100"', (150, 50)),
        ('viewBox="0,0,64,32"', (64, 32)),
        ("", (300, 150)),
        ('width="0" height="nan" viewBox="0 0 nan 1"', (300, 150)),
        ('width="99999999" height="99999999"', (10_000, 10_000)),
    ],
)
def test_its_size_comes_from_attributes_or_view_box(attributes, size):
    facts = images.inspect(svg("", attributes))
    assert (facts.width, facts.height) == size


def test_entities_and_document_types_with_content_are_refused():
    bomb = b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg>&b;</svg>'
    with pytest.raises(images.Damaged):
        images.clean(bomb)


def test_a_document_type_that_only_names_the_standard_is_accepted():
    head = (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
        b'"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'
    )
    assert b"DOCTYPE" not in images.clean(head + svg("<rect/>")).data


def test_a_page_with_a_drawing_in_it_is_no_picture():
    with pytest.raises(images.NotAnImage):
        images.clean(b"<html><body><svg></svg></body></html>")


def test_broken_or_bottomless_xml_is_refused():
    with pytest.raises(images.Damaged):
        images.clean(b"<svg><g></svg>")
    with pytest.raises(images.Damaged):
        images.clean(svg("<g>" * 5_000 + "</g>" * 5_000))
