from django.urls import include, path, re_path

from sensors.views import caring, desk, hosting, public

app_name = "sensors"
CODE = r"(?P<code>[0-9A-HJKMNP-TV-Z]{8})"
urlpatterns = [
    path("", include("sensors.sensorthings.urls")),
    path("sensors/", public.sensors, name="sensors"),
    path("sensors/<int:site_id>/", public.sensor, name="site"),
    path("sensors/mine/", hosting.mine, name="mine"),
    path("sensors/new/", hosting.new, name="new"),
    path("desk/campaigns/", desk.campaigns, name="campaigns"),
    path("desk/campaigns/<int:campaign_id>/", desk.campaign, name="campaign"),
    path("desk/campaigns/<int:campaign_id>/sheet/", desk.sheet, name="sheet"),
    re_path(rf"^sensors/devices/{CODE}/$", hosting.device, name="device"),
    re_path(rf"^sensors/devices/{CODE}/renew-key/$", hosting.renew_key, name="renew_key"),
    re_path(rf"^sensors/devices/{CODE}/swap/$", hosting.swap, name="swap"),
    re_path(rf"^sensors/devices/{CODE}/everything\.json$", caring.export, name="everything"),
    re_path(rf"^sensors/devices/{CODE}/erase/$", caring.erase, name="erase"),
    path("sensors/letters/<str:token>/", caring.stop_letters, name="stop_letters"),
    re_path(rf"^sensors/devices/{CODE}/(?P<deed>{'|'.join(hosting.DEEDS)})/$", hosting.change, name="change"),
]
