from django.urls import path

from accounts.own import views

app_name = "own"
urlpatterns = [
    path("", views.hub, name="hub"),
    path("profile/", views.profile, name="profile"),
    path("data/", views.data, name="data"),
    path("data/<int:export_id>/", views.data_file, name="data_file"),
    path("leave/", views.leave, name="leave"),
    path("stay/", views.stay, name="stay"),
]
