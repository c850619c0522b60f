from sensors.models.alerts import Alert, AlertWish
from sensors.models.calibration import CoLocation, Correction
from sensors.models.devices import Deployment, Device, DeviceKey, Heard, IngestError, KeyringVersion
from sensors.models.rollups import Rollup, TouchedHour
from sensors.models.sensorthings import (
    Feature,
    HistoricalLocation,
    Instrument,
    Location,
    ObservationDetail,
    Property,
    Stream,
    Thing,
)
from sensors.models.series import Annotation, Datastream, Latest, Observation
from sensors.models.sites import Campaign, ExactPlace, Segment, Site

__all__ = [
    "Alert",
    "AlertWish",
    "Annotation",
    "Campaign",
    "CoLocation",
    "Correction",
    "Datastream",
    "Deployment",
    "Device",
    "DeviceKey",
    "ExactPlace",
    "Feature",
    "Heard",
    "HistoricalLocation",
    "IngestError",
    "Instrument",
    "KeyringVersion",
    "Latest",
    "Location",
    "Observation",
    "ObservationDetail",
    "Property",
    "Rollup",
    "Segment",
    "Site",
    "Stream",
    "Thing",
    "TouchedHour",
]
