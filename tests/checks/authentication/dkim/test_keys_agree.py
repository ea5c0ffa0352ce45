"""A key is judged in its own step and for each signature: both judgements are one."""

import pytest

from smtpdiag_tui.checks.authentication.dkim.observation import observed, state_of
from smtpdiag_tui.checks.authentication.seen import KeyState, SignatureFlaw
from smtpdiag_tui.checks.lookups.record_set import Found
from tests.checks.authentication.dkim.signing import PLACE, Signer, ed_record, records, rsa_record, verified


@pytest.mark.parametrize(
    "texts",
    [
        (rsa_record(),),
        (ed_record(),),
        (rsa_record(more="K=rsa; "),),
        (rsa_record(more="k=RSA; "),),
        (rsa_record(more="v=DKIM1; h=SHA256; "),),
        (rsa_record(more="v=DKIM1; s=EMAIL; "),),
        (rsa_record(more="k=rsa; v=DKIM1; "),),
        (rsa_record(more="v=dkim1; "),),
        (rsa_record(more="a\\;"),),
        (rsa_record() + b"; n=" + b"x" * 9000,),
        (rsa_record() + b"=",),
        (rsa_record(), rsa_record()),
        (rsa_record(), b"v=spf1 -all"),
        (b"v=spf1 -all", b"parked"),
        (b"v=spf1 -all",),
        (b"v=DKIM1; p=",),
        (),
    ],
)
def test_a_key_is_judged_alike_with_and_without_a_message(texts: tuple[bytes, ...]) -> None:
    found = records(*texts, found=Found.DATA if texts else Found.NXDOMAIN)
    state = state_of(observed(PLACE.selector, PLACE.domain, "", found))
    (signature,) = verified(Signer().sign(), found)
    assert (signature.flaw is SignatureFlaw.KEY) == (state is not KeyState.VALID)
