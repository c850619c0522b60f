from sensors.models.devices import Deployment, Device, DeviceKey, Heard, IngestError, KeyringVersion
from sensors.models.series import Annotation, Datastream, Latest, Observation
from sensors.models.sites import Campaign, ExactPlace, Segment, Site

__all__ = [
    "Annotation",
    "Campaign",
    "Datastream",
    "Deployment",
    "Device",
    "DeviceKey",
    "ExactPlace",
    "Heard",
    "IngestError",
    "KeyringVersion",
    "Latest",
    "Observation",
    "Segment",
    "Site",
]
