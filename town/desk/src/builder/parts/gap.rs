//! Which control of a part mends what stands against publication there.

use beffroi_forms::Finding;
use beffroi_web::Page;

use super::Part;

/// Something that is missing on a page of the builder.
#[derive(Clone, Debug)]
pub struct Gap {
    /// What.
    pub text: String,
    /// What the control is called that mends it; `""` where it is the page’s as a whole.
    pub label: String,
    /// That control, by its id; likewise.
    pub control: String,
}

impl Gap {
    /// What concerns the page as a whole.
    pub const fn here(text: String) -> Self {
        Self { text, label: String::new(), control: String::new() }
    }

    /// A finding, on the page where it is mended.
    pub fn of(page: &Page, finding: &Finding) -> Self {
        let control = Part::control_at(&finding.at).unwrap_or_default();
        let label = Part::label_at(page, &finding.at).unwrap_or_default();
        Self { text: finding.flaw.text(beffroi_core::Lang::Fr), label, control }
    }
}

impl Part {
    /// The control where a finding of a part is mended, by its id.
    pub fn control_at(at: &str) -> Option<String> {
        if let Some(rank) = at.strip_prefix("legal_basis[").and_then(|rest| rest.strip_suffix("].text")) {
            return Some(format!("basis-{rank}-text"));
        }
        if let Some(picked) = at.strip_prefix("booking.answers[").and_then(|rest| rest.strip_suffix(']')) {
            return Some(picked.to_owned());
        }
        let control = match at {
            "title" | "slug" | "summary" | "who" | "delay" | "outcome" | "cost" | "ways" | "closes" => at,
            "fee.amount_cents" => "amount",
            "fee.deliberation" => "deliberation",
            "fee" => "fee",
            "fee.field" => "field",
            "fee.on" => "on",
            "regime" => "silence",
            "regime.term" => "term",
            "regime.basis" => "basis_of_silence",
            "regime.receipt" => "receipt",
            "legal_basis" | "retention.basis" => "basis",
            "retention" | "retention.months" => "months",
            "retention.after" => "after",
            "retention.then" => "then",
            "contact" => "department",
            "booking.at" => "at",
            "booking.price.applicant" | "booking.price.kinds" => "applicant",
            "booking.price.resident" => "resident",
            "booking.price.body" => "body",
            "loan.what" => "what",
            "loan.count" => "count",
            "loan.from" => "from",
            "loan.until" => "until",
            _ => return None,
        };
        Some(control.to_owned())
    }

    /// What that control is called.
    pub fn label_at(page: &Page, at: &str) -> Option<String> {
        let control = Self::control_at(at)?;
        let part = match Self::of_place(at)? {
            Self::Head => "head",
            Self::Ways => "ways",
            Self::Fee => "fee",
            Self::Law => "law",
            Self::Retention => "retention",
            Self::Contact => "contact",
            Self::Booking => "booking",
            Self::Loan => "loan",
            _ => return None,
        };
        // A row of a list is called as its column is.
        let named = if control.ends_with("-text") { "basis-text" } else { control.as_str() };
        Some(page.t(&format!("office-builder-{part}-{named}")).to_owned())
    }
}
