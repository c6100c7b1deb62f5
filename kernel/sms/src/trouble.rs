//! Why a text message did not leave, by kind: what an administrator can do about it follows from that.

use beffroi_store::words;
use beffroi_webhooks::http::NoAnswer;

words! {
    /// Why a text message did not leave.
    Trouble {
        /// There is no gateway.
        Off = "off",
        /// The number is of no mobile telephone, or of a country that is not written to.
        Number = "number",
        /// As many left this month as the administrator allows.
        Cap = "cap",
        /// The gateway cannot be reached.
        Away = "away",
        /// Its address leads to a private network.
        Private = "private",
        /// Its certificate is not right.
        Insecure = "insecure",
        /// It does not take the keys.
        Refused = "refused",
        /// It knows no such account.
        Account = "account",
        /// The account has no credit left.
        Credit = "credit",
        /// It wants to be asked less often.
        Limit = "limit",
        /// It takes neither the sender's name, perhaps, nor the text.
        Unfit = "unfit",
        /// It is out of order, and has taken nothing.
        Failing = "failing",
        /// It did not answer, or not in a way that tells whether it took the message.
        Doubtful = "doubtful",
    }
}

impl Trouble {
    /// Whether the same message may be tried again: the gateway has not taken it, and may take it later.
    pub const fn is_passing(self) -> bool {
        matches!(self, Self::Away | Self::Insecure | Self::Limit | Self::Failing)
    }

    /// Whether the gateway has taken nothing, so that nothing is billed.
    pub const fn is_unsent(self) -> bool {
        !matches!(self, Self::Doubtful)
    }

    /// Whether it is the gateway's, for the administrator to see, and not that of one message.
    pub const fn is_the_gateway(self) -> bool {
        !matches!(self, Self::Off | Self::Number | Self::Cap)
    }

    /// What no answer means. A connection that was never made has carried nothing.
    pub(crate) const fn of_silence(reason: NoAnswer) -> Self {
        match reason {
            NoAnswer::Name | NoAnswer::Connection => Self::Away,
            NoAnswer::Private | NoAnswer::Address => Self::Private,
            NoAnswer::Certificate => Self::Insecure,
            NoAnswer::Slow | NoAnswer::Protocol => Self::Doubtful,
        }
    }

    /// What a status means that both gateways use as HTTP has it (RFC 9110, 15; RFC 6585, 4 for 429).
    pub(crate) const fn of_status(status: u16) -> Self {
        match status {
            401 | 403 => Self::Refused,
            402 => Self::Credit,
            404 => Self::Account,
            429 => Self::Limit,
            // Whoever answers so has not handed the request on, or found nobody to do it.
            502 | 503 => Self::Failing,
            500..=599 => Self::Doubtful,
            _ => Self::Unfit,
        }
    }
}
