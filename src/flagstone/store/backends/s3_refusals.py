"""What a bucket's server or its client says when it will not, as an error that says what to do."""

import re

from flagstone.model.errors import FlagstoneError, StoreRefused, StoreUnavailable
from flagstone.store.backends.s3_place import S3Place

_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_SERVER_CODES = frozenset(("SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout"))


def understood(place: S3Place, said: str) -> FlagstoneError:
    """The error for what obstore said. Of its text only the status and S3's own code are shown: the rest may quote us.

    StoreUnavailable is worth trying again, StoreRefused is not.
    """
    status, code = _STATUS.search(said), _CODE.search(said)
    where = place.endpoint or f"Amazon S3 in {place.region}"
    number = int(status[1]) if status else 0
    name = f" ({code[1]})" if code else ""
    if (code and code[1] == "NoSuchBucket") or number == 404:
        hint = f"create it, or mend the setting `store`; it was looked for at {where}"
        return StoreRefused(store=place.url, problem=f"there is no bucket {place.bucket!r}", hint=hint)
    if not number and "169.254.169.254" in said:
        hint = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        return StoreRefused(store=place.url, problem="there are no credentials", hint=hint)
    if number in (401, 403):
        hint = "see that AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN are right, and that they may "
        problem = f"{where} does not accept the credentials{name or f' (status {number})'}"
        return StoreRefused(store=place.url, problem=problem, hint=f"{hint}read and write this bucket")
    if number in (301, 307, 400) and "egion" in said + name:
        hint = f"set AWS_REGION to the bucket's; it is {place.region} now"
        return StoreRefused(store=place.url, problem=f"{where} says that the bucket is elsewhere{name}", hint=hint)
    if number >= 500 or number in (408, 429) or (code and code[1] in _SERVER_CODES):
        return StoreUnavailable(store=place.url, problem=f"{where} answers with status {number}{name}")
    if number:
        return StoreRefused(store=place.url, problem=f"{where} answers with status {number}{name}")
    how = "took too long" if "timed out" in said or "Timeout" in said else "cannot be reached, or broke off"
    return StoreUnavailable(store=place.url, problem=f"{where} {how}")
