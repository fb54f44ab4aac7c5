"""Parts of an API that know no app: answers, lists, conditional requests."""
