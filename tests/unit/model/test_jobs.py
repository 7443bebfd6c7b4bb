"""Jobs and reports cross a socket and come out as they went in."""

import msgspec
from msgspec import Raw

from flagstone.model.artifacts import Item, Manifest, encode_manifest
from flagstone.model.jobs import (
    Failure,
    Job,
    JobInput,
    Report,
    decode_input,
    decode_job,
    decode_report,
    encode,
    encode_input,
)
from flagstone.model.resources import Resources


def test_a_job_survives_the_way_to_its_process() -> None:
    job = Job(
        number=7,
        step="work",
        attempt=1,
        path=(3, 0),
        items=(Item("xs", 3, 10, 0, b"page", None, 0, 4),),
        inputs=(JobInput("start", 1, b"manifest"),),
        resources=Resources(cpu=0.5, memory=100),
        isolation="worker",
    )

    assert decode_job(encode(job)) == job


def test_a_report_survives_the_way_back() -> None:
    failure = Failure("builtins.ValueError", "item five", "Traceback ...", "flow.py", 12)
    report = Report(7, 1, 10.0, 12.5, failure, b"manifest", targets=("join",), reads=("alpha",))

    assert decode_report(encode(report)) == report


def test_a_spilled_input_survives() -> None:
    spilled = JobInput("work", 9, encode_manifest(Manifest({"value": Raw(msgspec.msgpack.encode(b"x" * 1000))})))

    assert decode_input(encode_input(spilled)) == spilled
