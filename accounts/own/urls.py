from django.urls import path

from accounts.own import token_views, views

app_name = "own"
urlpatterns = [
    path("", views.hub, name="hub"),
    path("profile/", views.profile, name="profile"),
    path("language/", views.language, name="language"),
    path("tokens/", token_views.token_list, name="tokens"),
    path("tokens/<int:token_id>/revoke/", token_views.token_revoke, name="token_revoke"),
    path("tokens/apps/<uuid:family_id>/end/", token_views.app_end, name="app_end"),
    path("data/", views.data, name="data"),
    path("data/<int:export_id>/", views.data_file, name="data_file"),
    path("leave/", views.leave, name="leave"),
    path("stay/", views.stay, name="stay"),
]
