//! The SMS of OVHcloud. A message is `POST /sms/{serviceName}/jobs` with `message`, `receivers`, `sender`, `coding`,
//! `noStopClause` and `priority` (« API SMS Cookbook »,
//! <https://docs.ovhcloud.com/en/guides/web-cloud/messaging/sms/api-sms-cookbook>); the request is signed as all of
//! OVHcloud's API wants it: `"$1$" + SHA1_HEX(AS+"+"+CK+"+"+METHOD+"+"+QUERY+"+"+BODY+"+"+TSTAMP)`
//! (<https://docs.ovhcloud.com/en/guides/manage-and-operate/api/first-steps>).

use beffroi_core::{Instant, sms};
use beffroi_webhooks::http::Answer;
use serde::Deserialize;
use serde_json::json;
use sha1::{Digest, Sha1};

use crate::{Gateway, Trouble, send::Request};

/// The message as the gateway wants it.
pub fn request(gateway: &Gateway, number: &str, text: &str, now: Instant) -> Request {
    let url = format!("{}/sms/{}/jobs", gateway.address, gateway.account);
    let body = json!({
        "charset": "UTF-8",
        "coding": if sms::size(text).gsm { "7bit" } else { "8bit" },
        "message": text,
        // What a town hall writes of somebody's own request advertises nothing.
        "noStopClause": true,
        "priority": "high",
        "receivers": [number],
        "sender": gateway.sender,
        "senderForResponse": false,
    })
    .to_string();
    let timestamp = now.timestamp().to_string();
    let signature = sign(&gateway.secret, &gateway.consumer_key, "POST", &url, &body, &timestamp);
    let headers = vec![
        ("x-ovh-application", gateway.app_key.clone()),
        ("x-ovh-consumer", gateway.consumer_key.clone()),
        ("x-ovh-timestamp", timestamp),
        ("x-ovh-signature", signature),
    ];
    Request { url, headers, body }
}

fn sign(secret: &str, consumer: &str, method: &str, url: &str, body: &str, timestamp: &str) -> String {
    let signed = [secret, consumer, method, url, body, timestamp].join("+");
    format!("$1${}", hex::encode(Sha1::digest(signed.as_bytes())))
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Told {
    valid_receivers: Vec<String>,
    invalid_receivers: Vec<String>,
    error_code: String,
}

/// What the gateway's answer means.
pub fn judge(answer: &Answer) -> Result<(), Trouble> {
    let told: Told = serde_json::from_str(&answer.text).unwrap_or_default();
    match answer.status {
        200..=299 if !told.valid_receivers.is_empty() => Ok(()),
        200..=299 if !told.invalid_receivers.is_empty() => Err(Trouble::Number),
        200..=299 => Err(Trouble::Doubtful),
        // A signature that is not right is no right of whoever asks, whatever the status.
        _ if ["INVALID_SIGNATURE", "INVALID_CREDENTIAL", "INVALID_KEY", "QUERY_TIME_OUT"]
            .contains(&told.error_code.as_str()) =>
        {
            Err(Trouble::Refused)
        }
        status => Err(Trouble::of_status(status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the tests of OVHcloud's own client (`ovh/python-ovh`, `tests/test_client.py`).
    #[test]
    fn a_request_is_signed_as_the_gateways_own_client_signs_it() {
        let signed = |body: &str| {
            let url = "https://eu.api.ovh.com/1.0/unit/test";
            sign("fake application secret", "fake consumer key", "METHOD", url, body, "1404395931")
        };
        assert_eq!(signed(""), "$1$16ae5ba8c63841b1951575be905867991d5f49dc");
        let body = r#"{"some": "random", "data": 42}"#;
        assert_eq!(signed(body), "$1$9acb1ac0120006d16261a635aed788e83ab172d2");
    }

    #[test]
    fn an_answer_tells_whether_the_message_was_taken() {
        let judged =
            |status: u16, text: &str| judge(&Answer { status, text: text.to_owned(), retry_after: None });
        let taken = r#"{"totalCreditsRemoved":1,"invalidReceivers":[],"ids":[26929925],"validReceivers":["+33612345678"]}"#;
        assert_eq!(judged(200, taken), Ok(()));
        let wrong = r#"{"totalCreditsRemoved":0,"invalidReceivers":["+3361"],"ids":[],"validReceivers":[]}"#;
        assert_eq!(judged(200, wrong), Err(Trouble::Number));
        assert_eq!(judged(200, "<html>"), Err(Trouble::Doubtful));
        let signature =
            r#"{"errorCode":"INVALID_SIGNATURE","httpCode":"400 Bad Request","message":"Invalid signature"}"#;
        assert_eq!(judged(400, signature), Err(Trouble::Refused));
        assert_eq!(judged(400, r#"{"message":"Invalid sender"}"#), Err(Trouble::Unfit));
        assert_eq!(judged(404, ""), Err(Trouble::Account));
        assert_eq!(judged(503, ""), Err(Trouble::Failing));
        assert_eq!(judged(500, ""), Err(Trouble::Doubtful));
    }
}
