"""`{% kept %}`: parts of pages that many pages share."""

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString

from blog.caching import CONTENT_STATE
from blog.fragments import part

register = template.Library()


class KeptNode(template.Node):
    child_nodelists = ("nodes",)

    def __init__(self, nodes: NodeList, name: str, depends_on: list[FilterExpression]) -> None:
        self.nodes, self.name, self.depends_on = nodes, name, depends_on

    def render(self, context: Context) -> SafeString:
        request = context.get("request")
        if request is None or CONTENT_STATE not in request.META:
            return self.nodes.render(context)
        facts = [value.resolve(context, ignore_failures=True) for value in self.depends_on]
        if None in facts:
            return self.nodes.render(context)
        return part(request, self.name, facts, lambda: self.nodes.render(context))


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """`{% kept "name" fact fact %}...{% endkept %}`: for anonymous readers this is rendered once
    until any content changes, for each language and each combination of the facts.

    The facts are all that it shows of the page that it is on; what is behind them, such as the
    post that a key belongs to, is content. Lazy values of the context cost nothing when it is
    kept. A fact that is None, or not there, means that nothing is kept.

    One fact may be the version of a text: then it is rendered once until that text changes, or
    what all texts share, and must show nothing of other texts.
    """
    _, name, *facts = token.split_contents()
    nodes = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(nodes, name.strip("\"'"), [parser.compile_filter(fact) for fact in facts])
