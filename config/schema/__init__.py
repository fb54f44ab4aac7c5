"""The OpenAPI document of the API.

`operations` says of each operation what the code alone does not tell, `shapes` names answers that
no serializer makes, `auto` puts both together with what views, serializers and filters say of
themselves, `finishing` adds what all operations share, and `views` hands the document out.
"""
