"""All examples of the CommonMark specification, before sanitising. No deviation."""

from lib.markdown import to_html
from lib.tests.spec import examples


def test_every_example_of_the_specification_passes():
    all_examples = examples("commonmark-spec")
    failed = [e["example"] for e in all_examples if to_html(e["markdown"]) != e["html"]]
    assert len(all_examples) == 655
    assert failed == []
