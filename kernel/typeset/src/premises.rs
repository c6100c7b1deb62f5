//! What is written about premises that the town lends or lets: the contract, and their state on the way in and out.

use serde::Serialize;

use crate::{
    documents::{Article, Document, Letterhead, Recipient, Signatory},
    job::Template,
};

/// A fact with its name.
#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    /// What it is called.
    pub label: String,
    /// What it is; line ends stay.
    pub value: String,
}

/// The contract by which somebody has premises for a time (convention d’occupation; CG3P L2122-1 to L2122-3, CGCT
/// L2144-3).
#[derive(Clone, Debug, Serialize)]
pub struct Contract {
    /// Who lends or lets.
    pub letterhead: Letterhead,
    /// Who has the premises, with a postal address where one is known.
    pub recipient: Recipient,
    /// The case's reference.
    pub reference: String,
    /// « Convention d’occupation ».
    pub title: String,
    /// Whoever has the premises, in the sentence that names the parties.
    pub holder: String,
    /// Which premises, when, for how many, with what.
    pub facts: Vec<Fact>,
    /// What it costs and what is deposited.
    pub money: Vec<Fact>,
    /// The terms, in order.
    pub articles: Vec<Article>,
    /// Who signs for the town.
    pub signatory: Signatory,
}

impl Document for Contract {
    const TEMPLATE: Template = Template::Contract;
}

/// A thing that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct InspectedThing {
    /// What it is called.
    pub name: String,
    /// How many there should be.
    pub expected: String,
    /// How many there were.
    pub found: String,
    /// In which state, in words.
    pub state: String,
    /// What was noted; `""` for nothing.
    pub remark: String,
}

/// The things of one place within the premises.
#[derive(Clone, Debug, Serialize)]
pub struct InspectedPlace {
    /// What it is called: « Cuisine ».
    pub name: String,
    /// The things.
    pub things: Vec<InspectedThing>,
}

/// A photograph.
#[derive(Clone, Debug, Serialize)]
pub struct InspectedPhoto {
    /// What it shows, and its number.
    pub caption: String,
    /// The file, a JPEG.
    pub bytes: Vec<u8>,
}

/// One side's signature.
#[derive(Clone, Debug, Serialize)]
pub struct InspectionSignature {
    /// For whom: « Pour la ville ».
    pub side: String,
    /// Name and moment, or why there is none.
    pub text: String,
    /// What was drawn, a PNG; empty where it was typed, or nobody signed.
    pub drawn: Vec<u8>,
}

/// The state of premises on the way in or out (état des lieux).
#[derive(Clone, Debug, Serialize)]
pub struct InspectionReport {
    /// Who lends or lets.
    pub letterhead: Letterhead,
    /// Who has the premises.
    pub recipient: Recipient,
    /// The case's reference.
    pub reference: String,
    /// « État des lieux d’entrée ».
    pub title: String,
    /// Which premises, when, who was there.
    pub facts: Vec<Fact>,
    /// What differs from the way in, a sentence each; nothing on the way in.
    pub differences: Vec<String>,
    /// Whether differences are told at all.
    pub compares: bool,
    /// What was looked at.
    pub places: Vec<InspectedPlace>,
    /// Meters, by name.
    pub meters: Vec<Fact>,
    /// What was noted of the whole; `""` for nothing.
    pub remarks: String,
    /// The photographs.
    pub photos: Vec<InspectedPhoto>,
    /// Both signatures.
    pub signatures: Vec<InspectionSignature>,
    /// What tells the content from any other: SHA-256, in hexadecimal.
    pub hash: String,
}

impl Document for InspectionReport {
    const TEMPLATE: Template = Template::Inspection;
}
