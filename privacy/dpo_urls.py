from django.urls import path

from privacy import dpo_views

app_name = "protection"
urlpatterns = [
    path("", dpo_views.overview, name="overview"),
    path("papers/<slug:name>/", dpo_views.paper, name="paper"),
    path("<slug:slug>/", dpo_views.project, name="project"),
    path("<slug:slug>/papers.md", dpo_views.project_markdown, name="project_markdown"),
]
