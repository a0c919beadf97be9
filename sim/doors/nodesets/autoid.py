"""AutoID: facts of OPC 10000-100 (DI) and OPC 30010 1.01 (AutoID) that an optical reader needs.

Comes in: nothing. Goes out: two nodesets. Source of ids and field order: the published files Opc.Ua.Di.NodeSet2.xml and
Opc.Ua.AutoID.NodeSet2.xml. Never here: a reader.
"""

from typing import Final

from sim.doors.nodesets import facts
from sim.doors.nodesets.facts import DataType, Field, Id, Member, Nodeset, ObjectType

DI_URI: Final = "http://opcfoundation.org/UA/DI/"
URI: Final = "http://opcfoundation.org/UA/AutoID/"

DEVICE_SET: Final = 5001

DI: Final = Nodeset(
    DI_URI,
    object_types=(
        ObjectType(1001, "TopologyElementType", facts.BASE_OBJECT, abstract=True),
        ObjectType(15063, "ComponentType", Id(1001, DI_URI), abstract=True),
        ObjectType(
            1002,
            "DeviceType",
            Id(15063, DI_URI),
            abstract=True,
            members=(
                Member(6003, "Manufacturer", facts.LOCALIZED_TEXT, prop=True),
                Member(6004, "Model", facts.LOCALIZED_TEXT, prop=True),
                Member(6008, "HardwareRevision", facts.STRING, prop=True),
                Member(6007, "SoftwareRevision", facts.STRING, prop=True),
                Member(6006, "DeviceRevision", facts.STRING, prop=True),
                Member(6005, "DeviceManual", facts.STRING, prop=True),
                Member(6001, "SerialNumber", facts.STRING, prop=True),
                Member(6002, "RevisionCounter", facts.INT32, prop=True),
            ),
        ),
    ),
    objects={DEVICE_SET: "DeviceSet"},
)


OPTICAL_READER: Final = 1008
OPTICAL_SCAN_EVENT: Final = 1009
DEVICE_STATUS_TYPE: Final = 3003
SCAN_SETTINGS: Final = 3010
OPERATION_STATUS: Final = 3013
OPTICAL_SCAN_RESULT: Final = 3026
OPTICAL_SCAN_RESULT_BINARY: Final = 5040
SCAN_START: Final = 7009
SCAN_STOP: Final = 7010

IDLE, ERROR, SCANNING, BUSY = range(4)
SUCCESS: Final = 0
DATA_BYTES, DATA_TEXT = 1, 2
"""Which member of the union ScanData is sent."""


def _own(number: int) -> Id:
    return Id(number, URI)


_COORDINATES: Final = (
    DataType(
        3019,
        "LocalCoordinate",
        facts.STRUCTURE,
        (
            Field("X", facts.DOUBLE),
            Field("Y", facts.DOUBLE),
            Field("Z", facts.DOUBLE),
            Field("Timestamp", facts.UTC_TIME),
            Field("DilutionOfPrecision", facts.DOUBLE),
            Field("UsefulPrecision", facts.INT32),
        ),
        encoding=5028,
    ),
    DataType(
        3027,
        "WGS84Coordinate",
        facts.STRUCTURE,
        (
            Field("N/S Hemisphere", facts.STRING),
            Field("Latitude", facts.DOUBLE),
            Field("E/W Hemisphere", facts.STRING),
            Field("Longitude", facts.DOUBLE),
            Field("Altitude", facts.DOUBLE),
            Field("Timestamp", facts.UTC_TIME),
            Field("DilutionOfPrecision", facts.DOUBLE),
            Field("UsefulPrecisionLatLon", facts.INT32),
            Field("UsefulPrecisionAlt", facts.INT32),
        ),
        encoding=5046,
    ),
    DataType(
        3008,
        "Location",
        facts.UNION,
        (
            Field("NMEA", _own(3012)),
            Field("Local", _own(3019)),
            Field("WGS84", _own(3027)),
            Field("Name", _own(3021)),
        ),
        encoding=5013,
    ),
)

_RESULTS: Final = (
    DataType(
        3004,
        "Position",
        facts.STRUCTURE,
        tuple(Field(name, facts.INT32) for name in ("PositionX", "PositionY", "SizeX", "SizeY", "Rotation")),
        encoding=5007,
    ),
    DataType(
        3024,
        "ScanDataEpc",
        facts.STRUCTURE,
        (
            Field("PC", facts.UINT16),
            Field("UId", facts.BYTE_STRING),
            Field("XPC_W1", facts.UINT16),
            Field("XPC_W2", facts.UINT16),
        ),
        encoding=5036,
    ),
    DataType(
        3020,
        "ScanData",
        facts.UNION,
        (
            Field("ByteString", facts.BYTE_STRING),
            Field("String", facts.STRING),
            Field("Epc", _own(3024)),
            Field("Custom", facts.ANY),
        ),
        encoding=5030,
    ),
    DataType(
        3001,
        "ScanResult",
        facts.STRUCTURE,
        (
            Field("CodeType", _own(3031)),
            Field("ScanData", _own(3020)),
            Field("Timestamp", facts.UTC_TIME),
            Field("Location", _own(3008), optional=True),
        ),
        encoding=5002,
        abstract=True,
    ),
    DataType(
        OPTICAL_SCAN_RESULT,
        "OpticalScanResult",
        _own(3001),
        (
            Field("Grade", facts.FLOAT, optional=True),
            Field("Position", _own(3004), optional=True),
            Field("Symbology", facts.STRING, optional=True),
            Field("ImageId", facts.NODE_ID, optional=True),
        ),
        encoding=OPTICAL_SCAN_RESULT_BINARY,
    ),
    DataType(
        SCAN_SETTINGS,
        "ScanSettings",
        facts.STRUCTURE,
        (
            Field("Duration", facts.DURATION),
            Field("Cycles", facts.INT32),
            Field("DataAvailable", facts.BOOLEAN),
            Field("LocationType", _own(3009), optional=True),
        ),
        encoding=5015,
    ),
)

_PLAIN: Final = (
    DataType(3031, "CodeTypeDataType", facts.STRING),
    DataType(3012, "NmeaCoordinateString", facts.STRING),
    DataType(3021, "LocationName", facts.STRING),
    DataType(
        DEVICE_STATUS_TYPE, "DeviceStatusEnumeration", facts.ENUMERATION, values=("Idle", "Error", "Scanning", "Busy")
    ),
    DataType(3009, "LocationTypeEnumeration", facts.ENUMERATION, values=("NMEA", "LOCAL", "WGS84", "NAME")),
    DataType(
        OPERATION_STATUS,
        "AutoIdOperationStatusEnumeration",
        facts.ENUMERATION,
        values=(
            "SUCCESS", "MISC_ERROR_TOTAL", "MISC_ERROR_PARTIAL", "PERMISSON_ERROR", "PASSWORD_ERROR",
            "REGION_NOT_FOUND_ERROR", "OP_NOT_POSSIBLE_ERROR", "OUT_OF_RANGE_ERROR", "NO_IDENTIFIER",
            "MULTIPLE_IDENTIFIERS", "READ_ERROR", "DECODING_ERROR", "MATCH_ERROR", "CODE_NOT_SUPPORTED", "WRITE_ERROR",
            "NOT_SUPPORTED_BY_DEVICE", "NOT_SUPPORTED_BY_TAG", "DEVICE_NOT_READY", "INVALID_CONFIGURATION",
            "RF_COMMUNICATION_ERROR", "DEVICE_FAULT", "TAG_HAS_LOW_BATTERY",
        ),
    ),
)  # fmt: skip

_DEVICE: Final = ObjectType(
    1001,
    "AutoIdDeviceType",
    Id(1002, DI_URI),
    abstract=True,
    members=(
        Member(6124, "DeviceName", facts.STRING, prop=True),
        Member(6193, "AutoIdModelVersion", facts.STRING, prop=True),
        Member(6030, "DeviceStatus", _own(DEVICE_STATUS_TYPE)),
        Member(6055, "LastScanData", facts.ANY, mandatory=False),
        Member(6096, "LastScanTimestamp", facts.UTC_TIME, mandatory=False),
        Member(6099, "ScanActive", facts.BOOLEAN, mandatory=False),
    ),
)

AUTOID: Final = Nodeset(
    URI,
    data_types=(*_PLAIN, *_COORDINATES, *_RESULTS),
    object_types=(
        _DEVICE,
        ObjectType(OPTICAL_READER, "OpticalReaderDeviceType", _own(1001)),
        ObjectType(
            1004,
            "AutoIdScanEventType",
            facts.BASE_EVENT,
            abstract=True,
            members=(
                Member(6049, "DeviceName", facts.STRING, prop=True),
                Member(6024, "ScanResult", _own(3001), prop=True, array=True),
            ),
        ),
        ObjectType(
            OPTICAL_SCAN_EVENT,
            "OpticalScanEventType",
            _own(1004),
            abstract=True,
            members=(Member(6147, "ScanResult", _own(OPTICAL_SCAN_RESULT), prop=True, array=True),),
        ),
    ),
)
