"""Short messages: the signature by the provider's published example, what is sent as a stand-in received it, and each trouble."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rongshu.domain.marketing.texting.adapters import TextTrouble
from rongshu.domain.marketing.texting.adapters.aliyun import account_of, signature
from rongshu.kernel.environment import Environment
from tests.texting import texting

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_signature_of_the_published_example() -> None:
    values = {
        "Timestamp": "2016-02-23T12:46:24Z", "Format": "XML", "AccessKeyId": "testid", "Action": "DescribeRegions",
        "SignatureMethod": "HMAC-SHA1", "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf", "Version": "2014-05-26",
        "SignatureVersion": "1.0",
    }  # fmt: skip
    assert signature("GET", values, "testsecret") == "OLeaidS1JvxuMvnyHOwuJ+uX5qY="


def test_a_code_is_received_and_troubles_are_told_apart() -> None:
    with texting() as texts:
        way = account_of(texts.url)
        way.send_code("+8613812345678", "012345", now=NOW)
        assert texts.codes == {"13812345678": ["012345"]}
        for said, code in (
            ("isv.BUSINESS_LIMIT_CONTROL", "too_many"),
            ("isv.MOBILE_NUMBER_ILLEGAL", "bad_phone"),
            ("isv.AMOUNT_NOT_ENOUGH", "away"),
        ):
            texts.refuse = said
            with pytest.raises(TextTrouble) as trouble:
                way.send_code("13812345678", "1", now=NOW)
            assert trouble.value.code == code
        forged = account_of(texts.url.replace("testSecret", "other"))
        with pytest.raises(TextTrouble, match="SignatureDoesNotMatch"):
            forged.send_code("13812345678", "1", now=NOW)
    with pytest.raises(TextTrouble, match="away"):
        way.send_code("13812345678", "1", now=NOW)


def test_the_setting_is_checked_at_the_start() -> None:
    good = "aliyun://key:secret@dysmsapi.aliyuncs.com/?sign=a&template=b"
    assert Environment(sms_url=good).sms_url == good
    for bad in ("http://key:secret@host/?", "aliyun://host/?sign=a", "aliyun://key@host/?a"):
        with pytest.raises(ValueError, match="must look like"):
            Environment(sms_url=bad)
