//! The transactional SMS of Brevo: `POST /v3/transactionalSMS/send` with the key in the header `api-key`, and
//! `sender` (letters and digits, 11 at most), `recipient` (6 to 15 digits with the country's code), `content`, `type`
//! and `unicodeEnabled` (<https://developers.brevo.com/reference/send-async-transactional-sms>); it answers
//! `{ "messageId": … }`.

use beffroi_core::sms;
use beffroi_webhooks::http::Answer;
use serde::Deserialize;
use serde_json::json;

use crate::{Gateway, Trouble, send::Request};

/// The message as the gateway wants it.
pub fn request(gateway: &Gateway, number: &str, text: &str) -> Request {
    let body = json!({
        "sender": gateway.sender,
        "recipient": number.trim_start_matches('+'),
        "content": text,
        // Not « marketing », which waits for working hours and bears a way to end it.
        "type": "transactional",
        "unicodeEnabled": !sms::size(text).gsm,
    });
    Request {
        url: format!("{}/transactionalSMS/send", gateway.address),
        headers: vec![("api-key", gateway.secret.clone()), ("accept", "application/json".to_owned())],
        body: body.to_string(),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    code: String,
}

/// What the gateway's answer means.
pub fn judge(answer: &Answer) -> Result<(), Trouble> {
    let told: Told = serde_json::from_str(&answer.text).unwrap_or_default();
    match answer.status {
        200..=299 => Ok(()),
        400 if told.code == "not_enough_credits" => Err(Trouble::Credit),
        status => Err(Trouble::of_status(status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_tells_whether_the_message_was_taken() {
        let judged =
            |status: u16, text: &str| judge(&Answer { status, text: text.to_owned(), retry_after: None });
        assert_eq!(judged(201, r#"{"messageId":1511882900176220}"#), Ok(()));
        assert_eq!(
            judged(401, r#"{"code":"unauthorized","message":"Key not found"}"#),
            Err(Trouble::Refused)
        );
        assert_eq!(judged(402, ""), Err(Trouble::Credit));
        assert_eq!(judged(400, r#"{"code":"not_enough_credits"}"#), Err(Trouble::Credit));
        assert_eq!(judged(400, r#"{"code":"invalid_parameter"}"#), Err(Trouble::Unfit));
        assert_eq!(judged(429, ""), Err(Trouble::Limit));
    }
}
