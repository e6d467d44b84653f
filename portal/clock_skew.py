"""Signatures with a time, between replicas whose clocks differ a little."""

from datetime import datetime

from itsdangerous import SignatureExpired, TimestampSigner

MOST_SKEW = 60  # seconds by which the clock of whoever opens may lag behind the signer's


class SkewTolerantSigner(TimestampSigner):
    """A `TimestampSigner` to which what was signed a moment ahead of its own clock is new.

    Its base takes any signature from the future for an expired one, so that the answer of one
    replica would be refused by another whose clock is a second late.
    """

    def unsign(  # type: ignore[override] # the base has an overload for each kind of answer
        self,
        signed_value: str | bytes,
        max_age: int | None = None,
        return_timestamp: bool = False,
    ) -> tuple[bytes, datetime] | bytes:
        """What was signed, and when.

        Raises:
            BadSignature: it was not signed with this key.
            SignatureExpired: it was signed more than ``max_age`` seconds ago, or further ahead
                than clocks differ.
        """
        value, signed = super().unsign(signed_value, return_timestamp=True)
        age = self.get_timestamp() - int(signed.timestamp())
        if max_age is not None and not -MOST_SKEW <= age <= max_age:
            raise SignatureExpired(f"{age} seconds old", payload=value, date_signed=signed)
        return (value, signed) if return_timestamp else value
