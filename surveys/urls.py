from django.urls import path

from surveys import views

app_name = "surveys"
urlpatterns = [
    path("desk/surveys/", views.desk, name="desk"),
    path("desk/surveys/photos/<uuid:answer_id>/", views.desk, name="photo"),
]
